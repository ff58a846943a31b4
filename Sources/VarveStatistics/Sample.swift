import Glibc

/// What is said of some numbers, such as the last accuracies of the runs of a group.
///
/// NaN and infinities take no part in anything but their own counts: a mean over them would say nothing of the others.
public struct Sample: Hashable, Sendable {
    /// The finite numbers, ascending.
    public let values: [Double]
    /// How many were NaN.
    public let nan: Int
    /// How many were infinite.
    public let infinite: Int

    /// A sample of these numbers.
    public init(_ numbers: [Double]) {
        values = numbers.filter(\.isFinite).sorted()
        nan = numbers.count(where: \.isNaN)
        infinite = numbers.count - values.count - nan
    }

    /// How many finite numbers there are.
    public var count: Int { values.count }

    /// The arithmetic mean; nil of none.
    public var mean: Double? { count > 0 ? Self.mean(values) : nil }

    /// The standard deviation of the sample: divided by n − 1; nil of fewer than two.
    public var standardDeviation: Double? { count > 1 ? Self.deviation(values) : nil }

    /// Half the width of the 95 % confidence interval of the mean by Student's t with n − 1 degrees of freedom, as
    /// statsmodels' `DescrStatsW.tconfint_mean(alpha=0.05)` has it; nil of fewer than two.
    public var ci95: Double? { halfWidth(confidence: 0.95) }

    /// Half the width of the confidence interval of the mean; nil of fewer than two.
    public func halfWidth(confidence: Double) -> Double? {
        guard let deviation = standardDeviation else { return nil }
        let t = StudentT.quantile((1 + confidence) / 2, degrees: Double(count - 1))
        return t * (deviation / Double(count).squareRoot())
    }

    /// The smallest; nil of none.
    public var min: Double? { values.first }

    /// The largest; nil of none.
    public var max: Double? { values.last }

    /// The middle one, or the mean of the two in the middle; nil of none.
    public var median: Double? { quantile(0.5) }

    /// The value below which a share lies, between two numbers linearly (the seventh definition of R. J. Hyndman and Y. Fan,
    /// The American Statistician 50, 1996; NumPy's default); nil of none, or where the share isn't from 0 to 1.
    public func quantile(_ share: Double) -> Double? {
        guard count > 0, (0...1).contains(share) else { return nil }
        let place = share * Double(count - 1)
        let lower = Int(place)
        let part = place - Double(lower)
        guard lower + 1 < count else { return values[lower] }
        let (a, b) = (values[lower], values[lower + 1])
        // Two numbers so far apart that their difference is none.
        guard (b - a).isFinite else { return a * (1 - part) + b * part }
        // From the nearer end, so that the ends come out exactly.
        return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part)
    }

    /// The arithmetic mean of finite numbers.
    package static func mean(_ values: [Double]) -> Double {
        let count = Double(values.count)
        let mean = ExactSum.of(values) / count
        // Numbers near the largest double: their sum isn't one.
        return mean.isFinite ? mean : ExactSum.of(values.map { $0 / count })
    }

    static func deviation(_ values: [Double]) -> Double {
        let mean = mean(values)
        let squares = values.map { ($0 - mean) * ($0 - mean) }
        return (ExactSum.of(squares) / Double(values.count - 1)).squareRoot()
    }
}

/// Sums that keep what plain addition rounds off (A. Neumaier, Zeitschrift für Angewandte Mathematik und Mechanik 54, 1974).
enum ExactSum {
    static func of(_ values: [Double]) -> Double {
        var sum = 0.0
        var lost = 0.0
        for value in values {
            let next = sum + value
            lost += sum.magnitude >= value.magnitude ? (sum - next) + value : (value - next) + sum
            sum = next
        }
        return lost.isFinite ? sum + lost : sum
    }
}
