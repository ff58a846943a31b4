import Glibc

/// The regularised incomplete beta function I_x(a, b): what Student's distribution is made of.
///
/// Its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22), evaluated by the modified method of
/// Lentz (I. J. Thompson and A. R. Barnett, J. Comput. Phys. 64, 1986), on the side on which it converges quickly.
enum IncompleteBeta {
    /// I_x(a, b) for 0 ≤ x ≤ 1 and positive a and b.
    ///
    /// - Parameter complement: 1 − x, where that is known better than by subtracting.
    static func regularised(_ x: Double, _ a: Double, _ b: Double, complement: Double? = nil) -> Double {
        let y = complement ?? 1 - x
        guard x > 0 else { return 0 }
        guard y > 0 else { return 1 }
        // a log x + b log y − log B(a, b), with the larger of the two logs taken through its complement.
        let logX = x > 0.5 ? log1p(-y) : log(x)
        let logY = y > 0.5 ? log1p(-x) : log(y)
        let front = exp(a * logX + b * logY - logBeta(a, b))
        if x > 0.5, a > 50, (a + b) * y < 16 {
            // Terms of the fraction come close to −1 here, and their sums lose digits. The series of the other side has only
            // positive terms; where hardly anything is left of 1, the fraction is better again.
            let rest = 1 - front * series(y, b, a) / b
            if rest > 3e-4 { return rest }
        }
        if x <= (a + 1) / (a + b + 2) { return front * fraction(x, y, a, b) / a }
        return 1 - front * fraction(y, x, b, a) / b
    }

    /// The hypergeometric series F(a + b, 1; a + 1; x) (DLMF 8.17.8), for x near 0.
    private static func series(_ x: Double, _ a: Double, _ b: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for n in 0..<10_000 {
            term *= (a + b + Double(n)) / (a + 1 + Double(n)) * x
            sum += term
            if term < sum * 1e-17 { break }
        }
        return sum
    }

    /// The continued fraction by Lentz's method; y is 1 − x.
    private static func fraction(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0
        // 1 − (a + b) x / (a + 1), without the digits that this would lose where a is large and x near 1.
        var d = 1 / away((1 - b + (a + b) * y) / (a + 1))
        var result = d
        for m in 1...10_000 {
            let m = Double(m)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            result *= d * c
            if (d * c - 1).magnitude < 1e-16 { break }
        }
        return result
    }

    /// The logarithm of the beta function. Where an argument is large the logarithms of the gamma function are, too, and their
    /// difference would have lost its digits: there Stirling's formula is subtracted before anything is computed (as in
    /// A. R. DiDonato and A. H. Morris, ACM Transactions on Mathematical Software 18, 1992).
    static func logBeta(_ a: Double, _ b: Double) -> Double {
        let (p, q) = (Swift.min(a, b), Swift.max(a, b))
        if q < 10 { return logGamma(p) + logGamma(q) - logGamma(p + q) }
        let rest = stirlingRest(q) - stirlingRest(p + q)
        if p < 10 { return logGamma(p) + rest + p - p * log(p + q) + (q - 0.5) * log1p(-p / (p + q)) }
        let halfLogOf2Pi = 0.918938533204672741780329736406
        return -0.5 * log(q) + halfLogOf2Pi + (stirlingRest(p) + rest) + (p - 0.5) * log(p / (p + q))
            + q * log1p(-p / (p + q))
    }

    private static func logGamma(_ x: Double) -> Double { lgamma(x).0 }

    /// What Stirling's formula leaves of log Γ(x), x ≥ 10 (DLMF 5.11.1).
    private static func stirlingRest(_ x: Double) -> Double {
        let square = x * x
        let inner = 1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360_360 / square) / square) / square
        return (1.0 / 12 - (1.0 / 360 - inner / square) / square) / x
    }
}
