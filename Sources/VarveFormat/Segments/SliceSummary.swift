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
        guard !values.isEmpty else { return }
        (first, last) = (values[0], values[values.count - 1])
        values.withUnsafeBufferPointer { values in
            if !takeFinite(values) { takeAny(values) }
        }
    }

    /// Finds the extremes if all values are finite, as nearly all are: four at a time, and where they stand afterwards.
    private mutating func takeFinite(_ values: UnsafeBufferPointer<UInt64>) -> Bool {
        let exponent: UInt64 = 0x7FF0_0000_0000_0000
        var least = (Double.infinity, Double.infinity, Double.infinity, Double.infinity)
        var greatest = (-Double.infinity, -Double.infinity, -Double.infinity, -Double.infinity)
        var special: UInt64 = 0
        func take(_ bits: UInt64, _ least: inout Double, _ greatest: inout Double) {
            let value = Double(bitPattern: bits)
            least = value < least ? value : least
            greatest = value > greatest ? value : greatest
            special |= bits & exponent == exponent ? 1 : 0
        }
        var i = 0
        while i &+ 4 <= values.count {
            take(values[i], &least.0, &greatest.0)
            take(values[i &+ 1], &least.1, &greatest.1)
            take(values[i &+ 2], &least.2, &greatest.2)
            take(values[i &+ 3], &least.3, &greatest.3)
            i &+= 4
        }
        while i < values.count {
            take(values[i], &least.0, &greatest.0)
            i &+= 1
        }
        guard special == 0 else { return false }
        let (lowest, highest) = (
            Swift.min(least.0, least.1, least.2, least.3), Swift.max(greatest.0, greatest.1, greatest.2, greatest.3)
        )
        // The first that equals: zeros of both signs are equal.
        while Double(bitPattern: values[minPosition]) != lowest { minPosition &+= 1 }
        while Double(bitPattern: values[maxPosition]) != highest { maxPosition &+= 1 }
        min = Double(bitPattern: values[minPosition])
        max = Double(bitPattern: values[maxPosition])
        return true
    }

    private mutating func takeAny(_ values: UnsafeBufferPointer<UInt64>) {
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
