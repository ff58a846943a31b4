import Glibc

/// Quantiles of Student's t distribution: all that confidence bands need of statistics, in one file.
enum StudentQuantile {
    /// The t that a variable with so many degrees of freedom stays below in size with a probability between 0 and 1; nil
    /// without any degree of freedom.
    static func twoSided(_ probability: Double, degreesOfFreedom: Int) -> Double? {
        guard degreesOfFreedom > 0, probability > 0, probability < 1 else { return nil }
        // By the angle, whose range is finite and on which the probability grows steadily.
        var (low, high) = (0.0, Double.pi / 2)
        while true {
            let middle = (low + high) / 2
            if middle <= low || middle >= high { break }
            if self.probability(angle: middle, degreesOfFreedom) < probability { low = middle } else { high = middle }
        }
        return tan(low) * Double(degreesOfFreedom).squareRoot()
    }

    /// The probability of |T| ≤ tan(angle) · √ν (Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 26.7.3
    /// and 26.7.4).
    private static func probability(angle: Double, _ degreesOfFreedom: Int) -> Double {
        let (sine, cosine) = (sin(angle), cos(angle))
        let square = cosine * cosine
        let isOdd = degreesOfFreedom % 2 == 1
        var term = isOdd ? cosine : 1
        var sum = degreesOfFreedom == 1 ? 0 : term
        var k = isOdd ? 3 : 2
        while k <= degreesOfFreedom - 2 {
            term *= square * Double(k - 1) / Double(k)
            sum += term
            if term < sum * 1e-18 { break }
            k += 2
        }
        return isOdd ? (angle + sine * sum) * 2 / .pi : sine * sum
    }
}
