/// A number of an axis as it is made: a whole number times a power of ten, so that its text is exact.
struct RoundNumber: Hashable, Sendable {
    var mantissa: Int
    var exponent: Int

    /// The nearest double.
    var value: Double {
        // Both parts are exact up to here, so that one operation rounds once.
        guard exponent.magnitude <= 22, mantissa.magnitude < 1 << 53 else {
            return Double("\(mantissa)e\(exponent)") ?? 0
        }
        let power = PowersOfTen.power(Int(exponent.magnitude))
        return exponent >= 0 ? Double(mantissa) * power : Double(mantissa) / power
    }

    /// Its digits without a power of ten: `0.25`, `1500`.
    func plain(shiftedBy shift: Int = 0) -> String {
        let exponent = exponent + shift
        var digits = String(mantissa.magnitude)
        let sign = mantissa < 0 ? "-" : ""
        if mantissa == 0 { return "0" }
        if exponent >= 0 { return sign + digits + String(repeating: "0", count: min(exponent, 400)) }
        if digits.count <= -exponent { digits = String(repeating: "0", count: -exponent + 1 - digits.count) + digits }
        var fraction = digits.suffix(-exponent)
        while fraction.last == "0" { fraction.removeLast() }
        return sign + digits.dropLast(-exponent) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// With a power of ten: `2.5e-7`.
    var scientific: String {
        if mantissa == 0 { return "0" }
        let digits = String(mantissa.magnitude).count - 1
        return plain(shiftedBy: -exponent - digits) + "e\(exponent + digits)"
    }
}

/// Powers of ten that are the nearest doubles.
enum PowersOfTen {
    /// 10 to the power of `exponent`; 0 and infinity beyond what a double holds.
    static func power(_ exponent: Int) -> Double { Double("1e\(max(-400, min(400, exponent)))") ?? 1 }
}

/// The texts of an axis' ticks, all in one style.
enum TickText {
    /// Of numbers: plain ones where that is short, with k, M, G or T where they are large, else with a power of ten.
    static func texts(_ numbers: [RoundNumber]) -> [String] {
        let largest = numbers.map { $0.value.magnitude }.max() ?? 0
        let finest = numbers.filter { $0.mantissa != 0 }.map(\.exponent).min() ?? 0
        if largest >= 1e15 || largest > 0 && (largest < 1e-3 || finest < -9) { return numbers.map(\.scientific) }
        let units = [(1e12, 12, "T"), (1e9, 9, "G"), (1e6, 6, "M"), (1e4, 3, "k")]
        guard let unit = units.first(where: { largest >= $0.0 }) else { return numbers.map { $0.plain() } }
        return numbers.map { $0.mantissa == 0 ? "0" : $0.plain(shiftedBy: -unit.1) + unit.2 }
    }

    /// Of a logarithmic axis, each in the form that suits it: neighbours differ by factors.
    static func logarithmicTexts(_ numbers: [RoundNumber]) -> [String] {
        numbers.map { number in
            let value = number.value
            if value < 1e-4 || value >= 1e15 { return number.scientific }
            if value < 1e4 { return number.plain() }
            let unit = value < 1e6 ? (3, "k") : value < 1e9 ? (6, "M") : value < 1e12 ? (9, "G") : (12, "T")
            return number.plain(shiftedBy: -unit.0) + unit.1
        }
    }
}
