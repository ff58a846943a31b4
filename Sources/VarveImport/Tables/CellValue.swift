import Varve

/// What a cell of a table, or a string of a JSON document, holds.
package enum CellValue {
    /// Nothing was logged.
    case blank
    /// A number; `integer` if it is written as one and fits 64 bits.
    case number(Double, integer: Int64?)
    case text

    /// Reads a cell; white space around it doesn't count. NaN and infinity are known in the spellings of Python, C,
    /// JavaScript and Java.
    package init(_ cell: RawSpan) {
        let text = Self.trimmed(cell)
        if text.byteCount == 0 {
            self = .blank
        } else if let number = DecimalNumber(text) {
            self = .number(number.value, integer: number.exactInteger)
        } else if let word = Self.word(text) {
            self = .number(word, integer: nil)
        } else {
            self = .text
        }
    }

    /// Reads a string as a cell.
    package init(_ text: String) { self.init(Array(text.utf8).span.bytes) }

    /// The value as a step: a whole number within 64 bits.
    package var step: Int64? {
        guard case .number(let value, let integer) = self else { return nil }
        return integer ?? Self.wholeNumber(value)
    }

    /// The integer that a double is, if it is one.
    package static func wholeNumber(_ value: Double) -> Int64? {
        abs(value) <= 0x1p53 ? Int64(exactly: value) : nil
    }

    /// Whether a text is how NaN or an infinity is spelt.
    static func isInfinite(_ text: String) -> Bool {
        if case .number(let number, nil) = CellValue(text) { !number.isFinite } else { false }
    }

    /// What a cell says if it is a truth value, as Python and JavaScript write them.
    package static func truth(_ cell: RawSpan) -> Bool? {
        let text = trimmed(cell)
        guard text.byteCount == 4 || text.byteCount == 5 else { return nil }
        switch text.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }) {
        case "True", "true", "TRUE": return true
        case "False", "false", "FALSE": return false
        default: return nil
        }
    }

    @_lifetime(copy cell)
    package static func trimmed(_ cell: RawSpan) -> RawSpan {
        var (start, end) = (0, cell.byteCount)
        while start < end, isSpace(cell.unsafeLoad(fromUncheckedByteOffset: start, as: UInt8.self)) { start += 1 }
        while end > start, isSpace(cell.unsafeLoad(fromUncheckedByteOffset: end - 1, as: UInt8.self)) { end -= 1 }
        return cell.extracting(start..<end)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func word(_ text: RawSpan) -> Double? {
        guard text.byteCount <= 10 else { return nil }
        switch text.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }).lowercased() {
        case "nan", "+nan", "-nan": return .nan
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: return nil
        }
    }
}
