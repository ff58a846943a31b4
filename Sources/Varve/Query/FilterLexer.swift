/// Cuts a filter's text into tokens.
struct FilterLexer {
    /// Bytes of text that are accepted; a longer one is refused before anything is read.
    static let maxBytes = 1 << 16

    private let text: String
    private let bytes: [UInt8]
    private var index = 0
    /// The word `matches` was just read, or it and a parenthesis.
    private var isPatternNext = false

    /// The tokens of `text`; the last one is `end`.
    static func tokens(of text: String) throws(VarveError) -> [FilterToken] {
        guard text.utf8.count <= maxBytes else {
            throw VarveError(
                .limit, "the expression is too long", expected: "at most \(maxBytes) bytes",
                found: "\(text.utf8.count)")
        }
        var lexer = FilterLexer(text: text, bytes: Array(text.utf8))
        var tokens: [FilterToken] = []
        while true {
            let token = try lexer.token()
            tokens.append(token)
            lexer.note(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func token() throws(VarveError) -> FilterToken {
        while let byte = peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { index += 1 }
        let start = index
        guard let byte = peek() else { return FilterToken(kind: .end, range: start..<start) }
        if isQuote(byte) { return try string(quote: byte, isRaw: isPatternNext) }
        // As Python writes patterns.
        if byte == UInt8(ascii: "r"), let quote = peek(1), isQuote(quote) {
            index += 1
            return try string(quote: quote, isRaw: true)
        }
        if isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(peek(1) ?? 0)) { return try number() }
        if isWordStart(byte) {
            while let byte = peek(), isWordStart(byte) || isDigit(byte) { index += 1 }
            return FilterToken(kind: .word(slice(start..<index)), range: start..<index)
        }
        for sign in ["==", "!=", "<=", ">=", "&&", "||"] where bytes[start...].starts(with: sign.utf8) {
            index += 2
            return FilterToken(kind: .sign(sign), range: start..<index)
        }
        if "<>()[]{}:,.-+=!~%&|".utf8.contains(byte) {
            index += 1
            return FilterToken(kind: .sign(slice(start..<index)), range: start..<index)
        }
        throw FilterParser.error("unexpected character", in: text, at: start..<start + 1)
    }

    /// The text up to a quote. In a raw one, which holds a pattern, a backslash keeps its meaning for the pattern.
    private mutating func string(quote: UInt8, isRaw: Bool) throws(VarveError) -> FilterToken {
        let start = index
        index += 1
        var content: [UInt8] = []
        while let byte = peek() {
            index += 1
            if byte == quote {
                return FilterToken(kind: .string(String(decoding: content, as: UTF8.self)), range: start..<index)
            }
            guard byte == UInt8(ascii: "\\") else {
                content.append(byte)
                continue
            }
            if isRaw {
                content.append(byte)
                if let next = peek() {
                    content.append(next)
                    index += 1
                }
                continue
            }
            switch peek() {
            case UInt8(ascii: "n"): content.append(0x0A)
            case UInt8(ascii: "t"): content.append(0x09)
            case let byte? where "\"'\\".utf8.contains(byte): content.append(byte)
            default:
                throw FilterParser.error(
                    "unknown escape; known are \\\\ \\\" \\' \\n \\t", in: text, at: index - 1..<index)
            }
            index += 1
        }
        throw FilterParser.error("this string has no end", in: text, at: start..<start + 1)
    }

    private mutating func number() throws(VarveError) -> FilterToken {
        let start = index
        while let byte = peek() {
            let isSign = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            if isSign, bytes[index - 1] | 0x20 == UInt8(ascii: "e"), isDigit(peek(1) ?? 0) {
                index += 1
            } else if isDigit(byte) || isWordStart(byte) || byte == UInt8(ascii: ".") {
                index += 1
            } else {
                break
            }
        }
        let number = bytes[start..<index].withUnsafeBytes { DecimalNumber(RawSpan(_unsafeBytes: $0)) }
        guard let number else {
            guard let seconds = FilterDuration.seconds(slice(start..<index)) else {
                throw FilterParser.error("not a number", in: text, at: start..<index)
            }
            return FilterToken(kind: .duration(seconds), range: start..<index)
        }
        if let integer = number.exactInteger { return FilterToken(kind: .int(integer), range: start..<index) }
        return FilterToken(kind: .double(number.value), range: start..<index)
    }

    private mutating func note(_ token: FilterToken) {
        isPatternNext = token.kind == .word("matches") || (isPatternNext && token.kind == .sign("("))
    }

    private func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private func peek(_ ahead: Int = 0) -> UInt8? { index + ahead < bytes.count ? bytes[index + ahead] : nil }
    private func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Letters, the underscore and everything beyond ASCII.
    private func isWordStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
