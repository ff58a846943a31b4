/// What can be said of consecutive values, of a slice or a block of one, without decoding them (Format.md, section 6).
package struct SliceSummary: Hashable, Sendable {
    /// Of the finite values; +Inf and −Inf if there are none.
    package var min = Double.infinity
    package var max = -Double.infinity
    /// Where the extremes stand first, counted from the first of the points.
    package var minPosition = 0
    package var maxPosition = 0
    /// The bit patterns of the first and the last value.
    package var first: UInt64 = 0
    package var last: UInt64 = 0
    package var nan = 0
    package var positiveInfinite = 0
    package var negativeInfinite = 0

    package init() {}

    /// Looks at bit patterns of binary64.
    package init(_ values: Span<UInt64>) {
        for i in values.indices {
            let value = Double(bitPattern: values[i])
            if value.isFinite {
                if value < min {
                    min = value
                    minPosition = i
                }
                if value > max {
                    max = value
                    maxPosition = i
                }
            } else if value.isNaN {
                nan += 1
            } else if value > 0 {
                positiveInfinite += 1
            } else {
                negativeInfinite += 1
            }
        }
        if !values.isEmpty { (first, last) = (values[0], values[values.count - 1]) }
    }

    /// Takes in what follows `count` points.
    package mutating func append(_ next: SliceSummary, after count: Int) {
        if count == 0 { first = next.first }
        if next.min < min { (min, minPosition) = (next.min, count + next.minPosition) }
        if next.max > max { (max, maxPosition) = (next.max, count + next.maxPosition) }
        last = next.last
        nan += next.nan
        positiveInfinite += next.positiveInfinite
        negativeInfinite += next.negativeInfinite
    }

    /// Whether some value is finite, so that there are extremes.
    package var hasExtremes: Bool { min <= max }
}
