import Glibc

/// How two groups differ whose runs come in pairs, such as two augmentations on the same splits and seeds.
public struct PairedTest: Hashable, Sendable {
    /// The differences, each the first number less the second.
    public let differences: [Double]

    /// Tests pairs of finite numbers.
    public init(_ pairs: [(Double, Double)]) { differences = pairs.map { $0.0 - $0.1 }.filter(\.isFinite) }

    /// The number of pairs.
    public var count: Int { differences.count }

    /// The mean of the differences with its confidence interval, and their extremes.
    public var sample: Sample { Sample(differences) }

    // MARK: Student's t

    /// The t of the differences' mean against 0; nil of fewer than two, or where all differences are the same.
    public var t: Double? {
        guard let mean = sample.mean, let deviation = sample.standardDeviation, deviation > 0 else { return nil }
        return mean / (deviation / Double(count).squareRoot())
    }

    /// The two-sided p of the paired t test.
    public var tProbability: Double? { t.map { StudentT.twoSided($0, degrees: Double(count - 1)) } }

    /// Cohen's d for paired data: the differences' mean in units of their standard deviation.
    public var cohensD: Double? {
        guard let mean = sample.mean, let deviation = sample.standardDeviation, deviation > 0 else { return nil }
        return mean / deviation
    }

    // MARK: Wilcoxon's signed ranks

    /// Wilcoxon's signed-rank test; nil if no difference is other than 0.
    public var signedRanks: SignedRanks? { SignedRanks(differences) }
}

/// The signed-rank test of F. Wilcoxon (Biometrics Bulletin 1, 1945), two-sided. Differences of 0 are left out.
///
/// p is exact for up to 50 differences without ties and zeros, and for up to 13 with them; else the normal approximation with
/// the variance corrected for ties, and no correction for continuity. SciPy's `wilcoxon` chooses in the same way.
public struct SignedRanks: Hashable, Sendable {
    /// The sum of the ranks of differences above 0.
    public let positive: Double
    /// The sum of the ranks of differences below 0.
    public let negative: Double
    /// The two-sided p.
    public let probability: Double

    /// The smaller of the two sums.
    public var statistic: Double { Swift.min(positive, negative) }

    /// The matched-pairs rank-biserial correlation (D. S. Kerby, Comprehensive Psychology 3, 2014), from −1 to 1: the share
    /// of the ranks that speak for the first group less the share of those that speak for the second.
    public var rankBiserial: Double { (positive - negative) / (positive + negative) }

    /// Nil if no difference is other than 0.
    public init?(_ differences: [Double]) {
        let nonzero = differences.filter { $0 != 0 }.sorted { $0.magnitude < $1.magnitude }
        guard !nonzero.isEmpty else { return nil }
        var (positive, negative) = (0.0, 0.0)
        var ties = 0.0
        // Twice the rank of each: ranks that are shared can be halves.
        var doubled: [Int] = []
        var start = 0
        while start < nonzero.count {
            var end = start
            while end < nonzero.count, nonzero[end].magnitude == nonzero[start].magnitude { end += 1 }
            // Equal ones share the mean of their ranks.
            let rank = Double(start + 1 + end) / 2
            for value in nonzero[start..<end] { if value > 0 { positive += rank } else { negative += rank } }
            doubled += repeatElement(start + 1 + end, count: end - start)
            let tied = Double(end - start)
            ties += tied * tied * tied - tied
            start = end
        }
        self.positive = positive
        self.negative = negative
        let n = nonzero.count
        if differences.count <= 13 || (n <= 50 && ties == 0 && n == differences.count) {
            probability = Self.exact(Int(2 * Swift.min(positive, negative)), doubled)
        } else {
            let count = Double(n)
            let mean = count * (count + 1) / 4
            let variance = (count * (count + 1) * (2 * count + 1) - ties / 2) / 24
            let z = (Swift.min(positive, negative) - mean) / variance.squareRoot()
            probability = erfc(z.magnitude / 2.0.squareRoot())
        }
    }

    /// Twice the share of the 2ⁿ ways to give ranks their signs that have at most this sum of positive ones, or of negative
    /// ones: both are distributed alike.
    private static func exact(_ statistic: Int, _ ranks: [Int]) -> Double {
        let largest = ranks.reduce(0, +)
        // Counts of at most 2⁵⁰: exact in a double.
        var ways = Array(repeating: 0.0, count: largest + 1)
        ways[0] = 1
        for rank in ranks { for sum in stride(from: largest, through: rank, by: -1) { ways[sum] += ways[sum - rank] } }
        return Swift.min(1, 2 * ways.prefix(statistic + 1).reduce(0, +) / exp2(Double(ranks.count)))
    }
}
