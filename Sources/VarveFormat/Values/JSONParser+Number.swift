extension JSONParser {
    /// Reads a number as RFC 8259 spells it.
    @_lifetime(self: copy self)
    mutating func number() throws(FormatError) -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") {
            offset += 1
            if let byte = next, isDigit(byte) { throw corrupt("no digit after a leading zero") }
        } else {
            try digits()
        }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        guard offset - start <= JSONValue.maxNumberBytes else {
            throw FormatError(
                .capExceeded, at: start, expected: "a number of at most \(JSONValue.maxNumberBytes) bytes",
                found: "\(offset - start)")
        }
        guard let number = DecimalNumber(span.extracting(start..<offset)) else {
            throw FormatError(.corrupt, at: start, expected: "a number", found: "other text")
        }
        if isInteger, let integer = number.exactInteger { return .int(integer) }
        return .double(number.value)
    }

    @_lifetime(self: copy self)
    private mutating func digits() throws(FormatError) {
        guard let first = next else { throw truncated("a digit") }
        guard isDigit(first) else { throw corrupt("a digit") }
        while let byte = next, isDigit(byte) { offset += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

/// A number in decimal text, correctly rounded.
///
/// Spelled `[+-] digits [. digits] [e [+-] digits]`, with digits on at least one side of the point: what JSON, Python
/// and C
/// print, and nothing else (no hexadecimal, no white space, no words).
package struct DecimalNumber {
    /// The nearest double; infinite beyond the largest one.
    package let value: Double
    /// The exact value if the text is a plain integer that fits 64 bits and isn't `-0`.
    package let exactInteger: Int64?

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Reads the whole of `text`; nil if it is anything else than a number, or longer than
    /// ``JSONValue/maxNumberBytes``.
    package init?(_ text: RawSpan) {
        let count = text.byteCount
        guard count > 0, count <= JSONValue.maxNumberBytes else { return nil }
        func byte(_ index: Int) -> UInt8 {
            index < count ? text.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) : 0
        }
        var index = 0
        let isNegative = byte(0) == UInt8(ascii: "-")
        if isNegative || byte(0) == UInt8(ascii: "+") { index = 1 }

        var mantissa: UInt64 = 0
        var fitsMantissa = true
        var digitCount = 0
        var exponent = 0
        var isPlain = true
        func takeDigits() {
            while true {
                let digit = byte(index) &- UInt8(ascii: "0")
                guard digit <= 9 else { return }
                let (tenfold, over) = mantissa.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tenfold.addingReportingOverflow(UInt64(digit))
                if over || carry { fitsMantissa = false }
                mantissa = sum
                digitCount += 1
                index += 1
            }
        }
        takeDigits()
        if byte(index) == UInt8(ascii: ".") {
            isPlain = false
            index += 1
            let before = digitCount
            takeDigits()
            exponent = before - digitCount
        }
        guard digitCount > 0 else { return nil }
        if byte(index) == UInt8(ascii: "e") || byte(index) == UInt8(ascii: "E") {
            isPlain = false
            index += 1
            let isBelow = byte(index) == UInt8(ascii: "-")
            if isBelow || byte(index) == UInt8(ascii: "+") { index += 1 }
            let start = index
            var power = 0
            while true {
                let digit = byte(index) &- UInt8(ascii: "0")
                guard digit <= 9 else { break }
                // Beyond a million the result is 0 or infinite whatever the digits: the slow path finds out which.
                if power < 1_000_000 { power = power * 10 + Int(digit) }
                index += 1
            }
            guard index > start else { return nil }
            exponent += isBelow ? -power : power
        }
        guard index == count else { return nil }

        exactInteger = Self.integer(
            mantissa, isNegative: isNegative, ifAny: isPlain && fitsMantissa && !(isNegative && mantissa == 0))
        // W. Clinger, "How to read floating point numbers accurately" (1990): where mantissa and power of ten are both
        // exact doubles, one multiplication or division rounds once and so correctly.
        if fitsMantissa, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
            let magnitude =
                exponent < 0 ? Double(mantissa) / Self.powers[-exponent] : Double(mantissa) * Self.powers[exponent]
            value = isNegative ? -magnitude : magnitude
        } else {
            let string = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            guard let number = Double(string) else { return nil }
            value = number
        }
    }

    private static func integer(_ magnitude: UInt64, isNegative: Bool, ifAny: Bool) -> Int64? {
        guard ifAny else { return nil }
        if isNegative {
            return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }
}
