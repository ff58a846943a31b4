import Glibc

/// Where a value lies between the ends of an axis.
///
/// Any two ends make a usable scale: what is not finite, the wrong way round, equal, or nearer to each other than double
/// precision can show ticks for, is widened.
struct Scale: Hashable, Sendable {
    private(set) var low: Double
    private(set) var high: Double
    let isLogarithmic: Bool

    /// Below this distance relative to the ends, numbers on the axis couldn't be told apart.
    private static let leastSpan = 1e-12
    /// Below this one, steps between ticks would be subnormal.
    private static let leastDistance = 1e-300

    init(low: Double, high: Double, isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        var (low, high) = (low, high)
        if isLogarithmic {
            if !(low > 0 && low.isFinite) { low = high > 0 && high.isFinite ? high / 10 : 1 }
            if !(high > 0 && high.isFinite) { high = min(.greatestFiniteMagnitude, low * 10) }
            (low, high) = (max(Self.leastDistance, min(low, high)), max(Self.leastDistance, max(low, high)))
            if high / low < 1 + Self.leastSpan {
                (low, high) = (max(Self.leastDistance, low / 2), min(.greatestFiniteMagnitude, high * 2))
            }
        } else {
            if !low.isFinite { low = high.isFinite ? high : 0 }
            if !high.isFinite { high = low }
            if low > high { swap(&low, &high) }
            let size = max(low.magnitude, high.magnitude)
            if high / 2 - low / 2 < max(Self.leastDistance, size * Self.leastSpan) {
                let room = size > Self.leastDistance ? size / 10 : size == 0 ? 1 : Self.leastDistance
                low = max(-.greatestFiniteMagnitude, low - room)
                high = min(.greatestFiniteMagnitude, high + room)
            }
        }
        self.low = low
        self.high = high
    }

    /// With room for a share of its length beyond its ends.
    func widened(by margin: Double, below: Bool, above: Bool) -> Scale {
        if isLogarithmic {
            let factor = exp(margin * (log(high) - log(low)))
            return Scale(
                low: below ? max(Self.leastDistance, low / factor) : low,
                high: above ? min(.greatestFiniteMagnitude, high * factor) : high, isLogarithmic: true)
        }
        let room = (high / 2 - low / 2) * margin * 2
        return Scale(
            low: below ? max(-.greatestFiniteMagnitude, low - room) : low,
            high: above ? min(.greatestFiniteMagnitude, high + room) : high, isLogarithmic: false)
    }

    /// The share of the axis below a value: 0 at its low end, 1 at its high end, beyond them less or more; nil: the value has
    /// no place.
    func share(of value: Double) -> Double? {
        guard value.isFinite else { return nil }
        if isLogarithmic {
            guard value > 0 else { return nil }
            return (log(value) - log(low)) / (log(high) - log(low))
        }
        // Halves, so that no difference overflows.
        return (value / 2 - low / 2) / (high / 2 - low / 2)
    }

    /// The value at a share of the axis.
    func value(at share: Double) -> Double {
        if isLogarithmic { return exp(log(low) + share * (log(high) - log(low))) }
        return low * (1 - share) + high * share
    }

    /// Whether a value lies between the ends.
    func contains(_ value: Double) -> Bool { value >= low && value <= high }
}
