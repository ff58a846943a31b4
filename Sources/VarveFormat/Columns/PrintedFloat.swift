/// Finds the binary64 that a text gives in which a binary32 number was printed with as few digits as lead back to it, as NumPy, JAX and
/// others print losses: 0.45791024, not 0.4579102396965027.
///
/// By the arithmetic of Format.md, section 4 (transform 8): as few decimals as lead back, found by trial from nine digits on, which
/// always do. With k and 10^p exact, k ÷ 10^p is rounded once, as a text is that is read.
struct PrintedFloat {
    private static let mostDecimals = 22
    /// 10^p, as far as it is exact, in memory that stays: of an inline array each access is a copy of the whole.
    private nonisolated(unsafe) static let table: UnsafePointer<Double> = {
        let table = UnsafeMutablePointer<Double>.allocate(capacity: mostDecimals + 1)
        var power = 1.0
        for decimals in 0...mostDecimals {
            table[decimals] = power
            power *= 10
        }
        return UnsafePointer(table)
    }()
    private let powers = Self.table

    /// What `float`, a binary32 number, is printed as; `float` itself where no text of at most 22 decimals leads back to it.
    @inline(__always)
    func callAsFunction(_ float: Double) -> Double {
        let exponent = Int(truncatingIfNeeded: float.bitPattern &>> 52 & 0x7FF) &- 1023
        // ⌊exponent · log₁₀ 2⌋ is about the place of the first digit.
        var decimals = Swift.max(0, Swift.min(Self.mostDecimals, 8 &- (exponent &* 1233) &>> 12))
        var printed = float
        while true {
            let power = powers[decimals]
            let (_, whole, far) = TransformKernels.nearest(float * power)
            let shorter = whole / power
            // No two binary32 numbers are the same binary64 number, but for NaN, which is far.
            guard far == 0, Double(Float(shorter)).bitPattern == float.bitPattern else { return printed }
            printed = shorter
            if decimals == 0 { return printed }
            decimals &-= 1
        }
    }
}
