extension JSONValue {
    /// How deep arrays and objects may be nested.
    public static let maxDepth = 64
    /// How many bytes a number may have.
    public static let maxNumberBytes = 4096

    /// Reads one document that fills `bytes` but for white space around it.
    ///
    /// Of a key that comes twice in an object the last value counts. `\u` escapes that are half of a surrogate pair
    /// become
    /// U+FFFD. The caller bounds the size; a document takes some ten times its bytes in memory at most.
    /// - Throws: `truncated` if the document isn't over at the end, `corrupt` for what isn't JSON (or isn't UTF-8),
    ///   `capExceeded` beyond ``maxDepth`` and ``maxNumberBytes``.
    public init(parsing bytes: RawSpan) throws(FormatError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// Reads one document that fills `bytes` but for white space around it; see ``init(parsing:)-(RawSpan)``.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        try self.init(parsing: bytes.span.bytes)
    }

    /// Reads one document that fills `text` but for white space around it; see ``init(parsing:)-(RawSpan)``.
    public init(parsing text: String) throws(FormatError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// Reads JSON by recursive descent, straight from bytes.
struct JSONParser: ~Escapable {
    let span: RawSpan
    /// The next byte to be read.
    var offset = 0
    private var depth = 0

    @_lifetime(copy span)
    init(_ span: RawSpan) { self.span = span }

    @_lifetime(self: copy self)
    mutating func document() throws(FormatError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == span.byteCount else { throw corrupt("nothing after the JSON value") }
        return value
    }

    /// The byte at the current place, nil at the end.
    var next: UInt8? {
        offset < span.byteCount ? span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) : nil
    }

    @_lifetime(self: copy self)
    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    @_lifetime(self: copy self)
    private mutating func value() throws(FormatError) -> JSONValue {
        guard let byte = next else { throw truncated("a JSON value") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"):
            if offset + 1 < span.byteCount,
                span.unsafeLoad(fromUncheckedByteOffset: offset + 1, as: UInt8.self) == UInt8(ascii: "I")
            {
                return try word("-Infinity", .double(-.infinity))
            }
            return try number()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .double(.nan))
        case UInt8(ascii: "I"): return try word("Infinity", .double(.infinity))
        default: throw corrupt("a JSON value")
        }
    }

    @_lifetime(self: copy self)
    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(FormatError) -> JSONValue {
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        for byte in bytes {
            guard let found = next else { throw truncated("\(word)") }
            guard found == byte else { throw corrupt("\(word)") }
            offset += 1
        }
        return value
    }

    @_lifetime(self: copy self)
    private mutating func enter() throws(FormatError) {
        depth += 1
        guard depth <= JSONValue.maxDepth else {
            throw FormatError(
                .capExceeded, at: offset, expected: "nesting of at most \(JSONValue.maxDepth)", found: "more")
        }
        offset += 1
        skipSpace()
    }

    @_lifetime(self: copy self)
    private mutating func array() throws(FormatError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if next == UInt8(ascii: "]") {
            offset += 1
            return elements
        }
        while true {
            elements.append(try value())
            skipSpace()
            guard let byte = next else { throw truncated("\",\" or \"]\"") }
            offset += 1
            if byte == UInt8(ascii: "]") { return elements }
            guard byte == UInt8(ascii: ",") else {
                offset -= 1
                throw corrupt("\",\" or \"]\"")
            }
            skipSpace()
        }
    }

    @_lifetime(self: copy self)
    private mutating func object() throws(FormatError) -> JSONObject {
        try enter()
        defer { depth -= 1 }
        var members: [JSONObject.Member] = []
        if next == UInt8(ascii: "}") {
            offset += 1
            return JSONObject()
        }
        while true {
            guard let quote = next else { throw truncated("a key") }
            guard quote == UInt8(ascii: "\"") else { throw corrupt("a key in quotes") }
            let key = try string()
            skipSpace()
            guard let colon = next else { throw truncated("\":\"") }
            guard colon == UInt8(ascii: ":") else { throw corrupt("\":\"") }
            offset += 1
            skipSpace()
            members.append(JSONObject.Member(key: key, value: try value()))
            skipSpace()
            guard let byte = next else { throw truncated("\",\" or \"}\"") }
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else { throw corrupt("\",\" or \"}\"") }
            offset += 1
            if byte == UInt8(ascii: "}") { return JSONObject(merging: members) }
            skipSpace()
        }
    }

    func truncated(_ expected: String) -> FormatError {
        FormatError(.truncated, at: span.byteCount, expected: expected, found: "the end")
    }

    func corrupt(_ expected: String) -> FormatError {
        let found = next.map { $0 >= 0x20 && $0 < 0x7F ? "\"\(Character(Unicode.Scalar($0)))\"" : "byte \($0)" }
        return FormatError(.corrupt, at: offset, expected: expected, found: found ?? "the end")
    }
}
