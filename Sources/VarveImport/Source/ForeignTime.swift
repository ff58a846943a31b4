import Varve

/// Times as other tools write them: RFC 3339 and its relatives, and numbers since 1970.
package enum ForeignTime {
    /// Reads a date as ``TimeText`` does, or a number since 1970, whose size tells its unit: seconds from 10⁸ on,
    /// milliseconds from 10¹¹, microseconds from 10¹⁴, nanoseconds from 10¹⁷ on. Smaller numbers are no wall time (seconds
    /// since a training's start, as a rule): nil.
    package static func nanoseconds(_ text: RawSpan) -> Int64? {
        text.withUnsafeBytes { bytes in
            number(bytes) ?? TimeText.time(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Reads a time; see ``nanoseconds(_:)-(RawSpan)``.
    package static func nanoseconds(_ text: String) -> Int64? { nanoseconds(Array(text.utf8).span.bytes) }

    /// A number as of JSON, under the same rule.
    package static func nanoseconds(_ number: Double) -> Int64? {
        switch number {
        case 1e8..<1e11: WallTime.nanoseconds(number)
        case 1e11..<1e14: WallTime.nanoseconds(number / 1e3)
        // Beyond that 64 bits of nanoseconds end, as in the text form.
        case 1e14..<9.2e15: Int64(number) * 1_000
        case 1e17..<9.2e18: Int64(number)
        default: nil
        }
    }

    /// Decimal digits are taken as they stand: a double would round them to 238 ns.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var whole: Int64 = 0
        var at = 0
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 {
            guard at < 19 else { return nil }
            let (tenfold, over) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(Int64(bytes[at] - 0x30))
            if over || carry { return nil }
            whole = sum
            at += 1
        }
        guard at > 0 else { return nil }
        let unit: Int64
        switch whole {
        case 100_000_000..<100_000_000_000: unit = 1_000_000_000
        case 100_000_000_000..<100_000_000_000_000: unit = 1_000_000
        case 100_000_000_000_000..<100_000_000_000_000_000: unit = 1_000
        case 100_000_000_000_000_000...: unit = 1
        default: return nil
        }
        var fraction: Int64 = 0
        if at < bytes.count {
            guard bytes[at] == UInt8(ascii: "."),
                let digits = Self.fraction(UnsafeRawBufferPointer(rebasing: bytes[(at + 1)...]))
            else {
                // An exponent: rare enough for the detour over a double.
                let text = bytes.bytes
                return DecimalNumber(text).flatMap { nanoseconds($0.value) }
            }
            fraction = digits / (1_000_000_000 / unit)
        }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, carry) = scaled.addingReportingOverflow(fraction)
        return overflow || carry ? nil : sum
    }

    /// Digits behind a point, as billionths; further digits round. Nil if anything else follows.
    private static func fraction(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        var next: UInt8 = 0
        for (at, byte) in bytes.enumerated() {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            if at == 9 { next = byte - 0x30 }
            value += Int64(byte - 0x30) * scale
            scale /= 10
        }
        return next >= 5 ? value + 1 : value
    }
}
