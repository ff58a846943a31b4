import Glibc

/// An exponential moving average without the pull towards zero at its start, as TensorBoard draws it.
///
/// After n values it is Σ wⁿ⁻ⁱ·vᵢ / Σ wⁿ⁻ⁱ (D. Kingma, J. Ba, "Adam", 2015, section 3, calls the division bias correction).
/// Values that aren't finite don't count.
public struct Smoother: Sendable {
    private let weight: Double
    private var sum = 0.0
    private var weights = 0.0

    /// - Parameter weight: what of the average stays at each value, from 0 (nothing is smoothed) to less than 1.
    public init(weight: Double) { self.weight = weight.isFinite ? max(0, min(0.999_999, weight)) : 0 }

    /// The average with one more value; a value that isn't finite comes back as it is.
    public mutating func smoothed(_ value: Double) -> Double {
        guard value.isFinite else { return value }
        weights = weights * weight + 1
        // As a step towards the value, so that sums of great values don't overflow.
        sum += value / weights - sum / weights
        return sum
    }
}
