/// Logarithms for estimates, good to about 1e-4.
enum Logarithm {
    /// log₂ of a positive, finite, normal number.
    static func base2(_ value: Double) -> Double {
        // log₂ m = 2 ÷ ln 2 · artanh((m − 1) ÷ (m + 1)) for m in 1 ..< 2, by its series.
        let m = value.significand
        let z = (m - 1) / (m + 1)
        let q = z * z
        return Double(value.exponent) + z * (2.885_390_08 + q * (0.961_796_69 + q * (0.577_078_0 + q * 0.412_198_6)))
    }

    /// x · log₂ x for x up to ``mostKnown``, which is what entropies are sums of.
    static let products: [Float] = [0] + (1...mostKnown).map { Float(Double($0) * base2(Double($0))) }
    static let mostKnown = 4096

    /// x · log₂ x; 0 for 0.
    static func product(_ x: UInt32) -> Double {
        x <= mostKnown ? Double(products[Int(x)]) : Double(x) * base2(Double(x))
    }
}
