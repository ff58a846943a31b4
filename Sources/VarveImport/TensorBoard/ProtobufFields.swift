import Varve

/// Walks the fields of one protobuf message (protobuf.dev, "Encoding") without knowing its type.
struct ProtobufFields: ~Escapable {
    /// A field's number with its value as it stands; what is embedded stays where it is, as a range of the message.
    enum Field {
        case varint(Int, UInt64)
        case fixed64(Int, UInt64)
        case bytes(Int, Range<Int>)
        case fixed32(Int, UInt32)
    }

    private var reader: ByteReader
    let message: RawSpan

    @_lifetime(copy message)
    init(_ message: RawSpan) {
        self.message = message
        reader = ByteReader(message)
    }

    /// The next field; nil at the end.
    @_lifetime(self: copy self)
    mutating func next() throws(FormatError) -> Field? {
        guard !reader.isAtEnd else { return nil }
        let start = reader.offset
        let key = try reader.varint("the key of a field")
        guard key >> 3 > 0, key >> 3 < 1 << 29 else {
            throw FormatError(.corrupt, at: start, expected: "the number of a field", found: "\(key >> 3)")
        }
        let number = Int(key >> 3)
        switch key & 7 {
        case 0: return .varint(number, try reader.varint("a field"))
        case 1: return .fixed64(number, try reader.fixed(UInt64.self, "a field"))
        case 2:
            let count = try reader.count("the bytes of a field", cap: Int.max >> 1)
            let begin = reader.offset
            try reader.skip(count, "a field")
            return .bytes(number, begin..<begin + count)
        case 5: return .fixed32(number, try reader.fixed(UInt32.self, "a field"))
        default:
            throw FormatError(.corrupt, at: start, expected: "wire type 0, 1, 2 or 5", found: "\(key & 7)")
        }
    }

    /// An embedded message or string.
    @_lifetime(copy self)
    func span(_ range: Range<Int>) -> RawSpan { message.extracting(range) }

    /// An embedded text; bytes that aren't UTF-8 become U+FFFD, since a name that can't be shown is no reason to lose points.
    func text(_ range: Range<Int>) -> String {
        message.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
