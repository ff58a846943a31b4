/// A series as it is drawn: what of it falls onto each pixel of a line.
///
/// A pixel has the first, the smallest, the largest and the last of its points ("M4": U. Jugel et al., "M4: a
/// visualization-oriented time series data aggregation", 2014), so that a line through them covers what a line through all
/// points covers: no spike is lost. NaN and ±Inf are counted, to be drawn as marks.
public struct Curve: Hashable, Sendable {
    /// The run.
    public let run: RunID
    /// The metric and its context.
    public let metric: MetricKey
    /// What lies over the pixels.
    public let axis: Axis
    /// The pixels that have points, from left to right.
    public internal(set) var pixels: [Pixel] = []

    /// The widest line that is drawn on.
    public static let mostPixels = 1 << 20

    /// What lies over the pixels.
    public enum Axis: Hashable, Sendable {
        /// Steps.
        case steps
        /// Times, nanoseconds since 1970; points without one aren't drawn.
        case times
    }

    /// One point.
    public struct Point: Hashable, Sendable {
        /// Its step.
        public var step: Int
        /// Its time, nanoseconds since 1970; `Int64.min` if it has none, or if times weren't asked for.
        public var time: Int64
        /// Its value, bit for bit.
        public var value: Double

        /// Equal if all of it is, values by their bits.
        public static func == (a: Point, b: Point) -> Bool {
            a.step == b.step && a.time == b.time && a.value.bitPattern == b.value.bitPattern
        }

        /// Hashes all of it.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(step)
            hasher.combine(time)
            hasher.combine(value.bitPattern)
        }
    }

    /// What of a series falls onto one pixel.
    public struct Pixel: Hashable, Sendable {
        /// Which of the line's pixels this is, from 0.
        public var index: Int
        /// The steps or times that it stands for, all inclusive.
        public var range: ClosedRange<Int64>
        /// Its points.
        public var count: Int
        /// The first one in the order of the run; it may be NaN or infinite.
        public var first: Point
        /// The last one in the order of the run; it may be NaN or infinite.
        public var last: Point
        /// The point with the smallest finite value, of equals the first; nil: none is finite.
        public var min: Point?
        /// The point with the largest finite value, of equals the first; nil: none is finite.
        public var max: Point?
        /// Whether the smallest comes before the largest in the order of the run.
        public var isMinFirst: Bool
        /// Values that are NaN.
        public var nan: Int
        /// Values that are +Inf.
        public var positiveInfinite: Int
        /// Values that are −Inf.
        public var negativeInfinite: Int
    }

    /// How many points of the series the curve stands for.
    public var count: Int { pixels.reduce(0) { $0 + $1.count } }

    /// The points to be drawn: of each pixel the first, the smallest, the largest and the last, in the order of the run, each
    /// once.
    public var points: [Point] { pixels.flatMap(\.points) }
}

extension Curve.Pixel {
    /// The points to be drawn, in the order of the run, each once.
    public var points: [Curve.Point] {
        var points = [first]
        // Points that are equal in all are drawn once.
        for case let point? in isMinFirst ? [min, max, last] : [max, min, last] where count > 1 && point != points.last
        {
            points.append(point)
        }
        return points
    }
}
