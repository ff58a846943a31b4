import Glibc

/// Turns points that come one by one into the strokes of a line, with bounded memory and without losing a spike.
///
/// Consecutive points whose steps fall onto one pixel become a chunk, of which the first, the last and those that reach
/// farthest in each direction are kept (M4, extended to both axes). Where chunks become too many all the same, neighbours are
/// put together.
struct PathBuilder {
    private let steps: ClosedRange<Double>
    private let pixels: Double
    private let isLogX: Bool
    private let isLogY: Bool
    /// A value that goes back begins another stroke: an attempt that was resumed, not a line backwards.
    private let breaksBackwards: Bool
    private var chunks: [Chunk] = []
    private var column = -1
    private var next = 0
    private var isBroken = true
    private var lastX = -Double.infinity
    private var leastPoints = 1
    private var marks: [LinePlot.Mark.Kind: [Int: Double]] = [:]

    /// Where chunks begin to be put together.
    private let mostChunks: Int

    private struct Chunk {
        var begins: Bool
        var count = 1
        /// The first, the last, the lowest, the highest, the leftmost, the rightmost, each with its place in the order.
        var points: [(order: Int, point: PlotPoint)]

        mutating func add(_ order: Int, _ point: PlotPoint) {
            count += 1
            points[1] = (order, point)
            if point.y < points[2].point.y { points[2] = (order, point) }
            if point.y > points[3].point.y { points[3] = (order, point) }
            if point.x < points[4].point.x { points[4] = (order, point) }
            if point.x > points[5].point.x { points[5] = (order, point) }
        }

        mutating func add(_ other: Chunk) {
            let total = count + other.count
            for (order, point) in other.points.sorted(by: { $0.order < $1.order }) { add(order, point) }
            count = total
        }
    }

    /// - Parameter steps: the first and the last step of the line.
    init(steps: ClosedRange<Int>, pixels: Int, isLogX: Bool, isLogY: Bool, breaksBackwards: Bool) {
        self.steps = Double(steps.lowerBound)...Double(steps.upperBound)
        self.pixels = Double(max(1, pixels))
        self.isLogX = isLogX
        self.isLogY = isLogY
        self.breaksBackwards = breaksBackwards
        // Gaps and steps back make more chunks than there are pixels; not too many, where there are thousands of lines.
        mostChunks = max(256, min(1 << 14, 8 * pixels))
    }

    private func column(_ step: Int) -> Int {
        if isLogX {
            let (low, high) = (log(max(1, steps.lowerBound)), log(max(2, steps.upperBound)))
            return Int((log(max(1, Double(step))) - low) / max(1e-9, high - low) * (pixels - 1))
        }
        let span = steps.upperBound / 2 - steps.lowerBound / 2
        return span > 0 ? Int((Double(step) / 2 - steps.lowerBound / 2) / span * (pixels - 1)) : 0
    }

    /// Adds a point.
    ///
    /// - Parameter value: how far up it lies; it may be anything, as may `x`.
    mutating func add(step: Int, x: Double, value: Double) {
        guard x.isFinite, !isLogX || x > 0 else {
            isBroken = true
            return
        }
        let place = max(-1, min(Int(pixels), column(step)))
        if let kind = LinePlot.Mark.Kind(of: value, isLogarithmic: isLogY) {
            marks[kind, default: [:]][place] = x
            isBroken = true
            return
        }
        if breaksBackwards, x < lastX { isBroken = true }
        lastX = x
        let point = PlotPoint(x, value)
        next += 1
        if !isBroken, let last = chunks.indices.last, place == column || chunks[last].count < leastPoints {
            chunks[last].add(next, point)
        } else {
            chunks.append(Chunk(begins: isBroken, points: Array(repeating: (next, point), count: 6)))
            column = place
        }
        isBroken = false
        if chunks.count > mostChunks { coarsen() }
    }

    private mutating func coarsen() {
        var merged: [Chunk] = []
        for index in stride(from: 0, to: chunks.count, by: 2) {
            var chunk = chunks[index]
            if index + 1 < chunks.count { chunk.add(chunks[index + 1]) }
            merged.append(chunk)
        }
        chunks = merged
        leastPoints *= 2
    }

    /// The strokes, in the order of the points.
    var strokes: [LinePlot.Stroke] {
        var strokes: [LinePlot.Stroke] = []
        for chunk in chunks {
            if chunk.begins || strokes.isEmpty { strokes.append(LinePlot.Stroke([])) }
            var last = -1
            for (order, point) in chunk.points.sorted(by: { $0.order < $1.order }) where order != last {
                strokes[strokes.count - 1].points.append(point)
                last = order
            }
        }
        return strokes
    }

    /// The marks, at most one of a kind for each pixel.
    var allMarks: [LinePlot.Mark] {
        LinePlot.Mark.Kind.allCases.flatMap { kind in
            (marks[kind] ?? [:]).sorted { $0.key < $1.key }.map { LinePlot.Mark(x: $0.value, kind) }
        }
    }
}

extension LinePlot.Mark.Kind {
    /// The mark of a value that has no place on an axis; nil: it has one.
    init?(of value: Double, isLogarithmic: Bool) {
        if value.isNaN {
            self = .nan
        } else if value.isInfinite {
            self = value > 0 ? .positiveInfinite : .negativeInfinite
        } else if isLogarithmic, value <= 0 {
            self = .notPositive
        } else {
            return nil
        }
    }
}
