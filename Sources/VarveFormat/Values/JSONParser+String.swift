extension JSONParser {
    /// Reads a string in quotes. Without escapes it is validated and copied in one go.
    @_lifetime(self: copy self)
    mutating func string() throws(FormatError) -> String {
        offset += 1
        let start = offset
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                defer { offset += 1 }
                return try validated(start..<offset)
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw corrupt("an escape for a control character") }
            offset += 1
        }
        throw truncated("the end of a string")
    }

    private func validated(_ range: Range<Int>) throws(FormatError) -> String {
        let text = span.extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else {
            throw FormatError(.corrupt, at: range.lowerBound, expected: "a string in UTF-8", found: "other bytes")
        }
        return text
    }

    /// Goes on at the first escape of a string that began at `start`.
    @_lifetime(self: copy self)
    private mutating func escapedString(from start: Int) throws(FormatError) -> String {
        var text = try validated(start..<offset)
        var plain = offset
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                text += try validated(plain..<offset)
                offset += 1
                return text
            }
            guard byte >= 0x20 else { throw corrupt("an escape for a control character") }
            guard byte == UInt8(ascii: "\\") else {
                offset += 1
                continue
            }
            text += try validated(plain..<offset)
            offset += 1
            text.unicodeScalars.append(try escape())
            plain = offset
        }
        throw truncated("the end of a string")
    }

    /// Reads what follows a backslash.
    @_lifetime(self: copy self)
    private mutating func escape() throws(FormatError) -> Unicode.Scalar {
        guard let byte = next else { throw truncated("an escape") }
        let scalar: Unicode.Scalar
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scalar = Unicode.Scalar(byte)
        case UInt8(ascii: "b"): scalar = "\u{08}"
        case UInt8(ascii: "f"): scalar = "\u{0C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"):
            offset += 1
            return try unicodeEscape()
        default: throw corrupt("one of \"\\/bfnrtu after a backslash")
        }
        offset += 1
        return scalar
    }

    @_lifetime(self: copy self)
    private mutating func unicodeEscape() throws(FormatError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // The first half of a pair counts only with its second half behind it.
        let second = offset
        if first < 0xDC00, next == UInt8(ascii: "\\") {
            offset += 1
            if next == UInt8(ascii: "u") {
                offset += 1
                let low = try fourDigits()
                if (0xDC00...0xDFFF).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (low - 0xDC00))
                {
                    return scalar
                }
            }
        }
        offset = second
        return "\u{FFFD}"
    }

    @_lifetime(self: copy self)
    private mutating func fourDigits() throws(FormatError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw truncated("four hexadecimal digits") }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw corrupt("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
