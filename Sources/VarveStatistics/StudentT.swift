import Glibc

/// Student's distribution of t.
public enum StudentT {
    /// The probability of a t at least as far from 0, on either side: the p of a two-sided test.
    ///
    /// - Parameter degrees: of freedom, above 0. NaN where it isn't, or where t is NaN.
    public static func twoSided(_ t: Double, degrees: Double) -> Double {
        guard degrees > 0, !t.isNaN else { return .nan }
        if t.isInfinite { return 0 }
        let square = t * t
        let x = degrees / (degrees + square)
        return IncompleteBeta.regularised(x, degrees / 2, 0.5, complement: square / (degrees + square))
    }

    /// The t below which a share of the distribution lies, such as 0.975: half-widths of confidence intervals are made of it.
    ///
    /// Found between two bounds that are halved, and approached by Newton's steps where these stay between them.
    /// NaN unless 0 < `share` < 1 and `degrees` > 0.
    public static func quantile(_ share: Double, degrees: Double) -> Double {
        guard share > 0, share < 1, degrees > 0 else { return .nan }
        if share == 0.5 { return 0 }
        // Both tails together have so much beyond ±t.
        let outside = 2 * Swift.min(share, 1 - share)
        var (low, high) = (0.0, 1.0)
        while twoSided(high, degrees: degrees) > outside, high < 1e300 { (low, high) = (high, high * 2) }
        var t = (low + high) / 2
        for _ in 0..<200 {
            let difference = twoSided(t, degrees: degrees) - outside
            if difference == 0 { break }
            if difference > 0 { low = t } else { high = t }
            // The two tails lose twice the density.
            var next = t + difference / (2 * density(t, degrees: degrees))
            if !(next > low && next < high) { next = (low + high) / 2 }
            if next == t || (next - t).magnitude <= t * 1e-16 { break }
            t = next
        }
        return share < 0.5 ? -t : t
    }

    private static func density(_ t: Double, degrees: Double) -> Double {
        let logFront = -0.5 * log(degrees) - IncompleteBeta.logBeta(degrees / 2, 0.5)
        return exp(logFront - (degrees + 1) / 2 * log1p(t * t / degrees))
    }
}
