/// The correctly rounded sum of doubles, whatever their order.
///
/// J. Shewchuk, "Adaptive precision floating-point arithmetic" (1997): the sum is kept as parts that don't overlap.
struct ExactSum {
    private var parts: [Double] = []

    mutating func add(_ value: Double) {
        var x = value
        var kept = 0
        for part in parts {
            var (large, small) = (x, part)
            if abs(large) < abs(small) { swap(&large, &small) }
            let high = large + small
            let low = small - (high - large)
            if low != 0 {
                parts[kept] = low
                kept += 1
            }
            x = high
        }
        parts.removeSubrange(kept...)
        parts.append(x)
    }

    /// The sum, rounded once: the parts from the largest down, and half-way cases by the sign of what follows.
    var value: Double {
        guard var high = parts.last else { return 0 }
        var index = parts.count - 1
        var low = 0.0
        while index > 0 {
            index -= 1
            let before = high
            high = before + parts[index]
            low = parts[index] - (high - before)
            if low != 0 { break }
        }
        if index > 0, (low < 0 && parts[index - 1] < 0) || (low > 0 && parts[index - 1] > 0) {
            let doubled = 2 * low
            let sum = high + doubled
            if doubled == sum - high { high = sum }
        }
        return high
    }
}
