import VarveFormat

/// A stretch of a series, and what is known of it without looking at its points.
struct Stretch {
    var part: SeriesPart
    /// nil: it isn't in the index, or its points are looked at anyway.
    var indexed: Indexed?

    struct Indexed {
        var slice: IndexedSlice
        var place: AxisPlace
        /// Of its steps.
        var bounds: ClosedRange<Int64>
    }
}

/// A point, whose step and time are looked up once it is known that it is drawn.
struct CurveMark {
    var value: UInt64
    /// Its place in the series.
    var ordinal: Int
    var step: Int64 = 0
    var time = FormatConstants.noTime
    /// The stretch of the index that has it, and its place there; nil: its step and time are here.
    var piece: (index: Int, position: Int)?
}

/// What fell onto one pixel so far.
struct CurvePixel {
    var summary = SliceSummary()
    var count = 0
    var first: CurveMark
    var last: CurveMark
    var min: CurveMark?
    var max: CurveMark?

    init(first: CurveMark) { (self.first, last) = (first, first) }

    mutating func add(_ next: SliceSummary, _ count: Int, _ mark: (_ position: Int, _ value: UInt64) -> CurveMark) {
        last = mark(count - 1, next.last)
        if next.hasExtremes {
            if min == nil || next.min < summary.min { min = mark(next.minPosition, next.min.bitPattern) }
            if max == nil || next.max > summary.max { max = mark(next.maxPosition, next.max.bitPattern) }
        }
        summary.append(next, after: self.count)
        self.count += count
    }
}
