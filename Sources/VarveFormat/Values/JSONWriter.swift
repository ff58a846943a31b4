extension JSONValue {
    /// The document as compact text: no white space, members in their order.
    public var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the document as compact UTF-8.
    ///
    /// Doubles are the shortest text that reads back as the same double, always with a point or an exponent, so that an
    /// integer stays an integer. NaN (without its payload) and ±Inf become strings.
    public func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .int(let number): DecimalText.append(number, to: &bytes)
        case .double(let number): Self.write(number, to: &bytes)
        case .string(let string): Self.write(string, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a double as ``write(to:)`` does: for writers that need no document around it.
    package static func write(_ number: Double, to bytes: inout [UInt8]) {
        if number.isFinite {
            DecimalText.append(number, to: &bytes)
        } else if number.isNaN {
            bytes.append(contentsOf: "\"NaN\"".utf8)
        } else {
            bytes.append(contentsOf: (number > 0 ? "\"Infinity\"" : "\"-Infinity\"").utf8)
        }
    }

    /// Appends a string in quotes; escaped are the quote, the backslash and control characters, those from U+007F to U+009F among
    /// them: JSON doesn't ask for it, but a terminal that shows the text may obey them.
    package static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var previous: UInt8 = 0
        for byte in string.utf8 {
            defer { previous = byte }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F: escape(byte, to: &bytes)
            case 0x80..<0xA0 where previous == 0xC2:
                bytes.removeLast()
                escape(byte, to: &bytes)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The character of this number, below U+0100.
    private static func escape(_ character: UInt8, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\\u00".utf8)
        for digit in [character >> 4, character & 15] {
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The same as ``text``.
    public var description: String { text }
}
