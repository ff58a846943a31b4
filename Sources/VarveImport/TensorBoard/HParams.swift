import Varve

/// What the hparams plugin says of a run: `tensorboard/plugins/hparams/plugin_data.proto` and `api.proto`.
///
/// Of its three records the start of a session holds the params, the end how it went; the experiment's description, which
/// belongs to no run, is left.
struct HParams {
    /// The params with the types that protobuf's `Value` knows: all its numbers are doubles.
    var params: [(key: String, value: PropertyValue)] = []
    /// Whether the session succeeded, if its end says so.
    var endedSuccessfully: Bool?

    private static let maxDepth = 64

    init(_ message: RawSpan) throws(FormatError) {
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            switch field {
            case .bytes(3, let range): try start(fields.span(range))
            case .bytes(4, let range): try end(fields.span(range))
            default: break
            }
        }
    }

    /// `SessionStartInfo`: hparams 1, a map of key 1 and value 2.
    private mutating func start(_ message: RawSpan) throws(FormatError) {
        for (key, value) in try Self.map(message, depth: 0) {
            params.append((key, PropertyValue(value)))
        }
    }

    /// `SessionEndInfo`: status 1, of which 1 is success and 2 failure.
    private mutating func end(_ message: RawSpan) throws(FormatError) {
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            if case .varint(1, let status) = field, status == 1 || status == 2 { endedSuccessfully = status == 1 }
        }
    }

    private static func map(_ message: RawSpan, depth: Int) throws(FormatError) -> [(String, JSONValue)] {
        var fields = ProtobufFields(message)
        var entries: [(String, JSONValue)] = []
        while let field = try fields.next() {
            guard case .bytes(1, let range) = field else { continue }
            var entry = ProtobufFields(fields.span(range))
            var key = ""
            var value = JSONValue.null
            while let part = try entry.next() {
                switch part {
                case .bytes(1, let range): key = entry.text(range)
                case .bytes(2, let range): value = try Self.value(entry.span(range), depth: depth + 1)
                default: break
                }
            }
            entries.append((key, value))
        }
        return entries
    }

    /// `google.protobuf.Value`: null 1, number 2, string 3, bool 4, struct 5, list 6.
    private static func value(_ message: RawSpan, depth: Int) throws(FormatError) -> JSONValue {
        guard depth <= maxDepth else {
            throw FormatError(.capExceeded, at: 0, expected: "nesting of at most \(maxDepth)", found: "more")
        }
        var fields = ProtobufFields(message)
        var value = JSONValue.null
        while let field = try fields.next() {
            switch field {
            case .fixed64(2, let bits): value = .double(Double(bitPattern: bits))
            case .bytes(3, let range): value = .string(fields.text(range))
            case .varint(4, let flag): value = .bool(flag != 0)
            case .bytes(5, let range):
                let members = try map(fields.span(range), depth: depth)
                value = .object(JSONObject(merging: members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
            case .bytes(6, let range):
                var list = ProtobufFields(fields.span(range))
                var elements: [JSONValue] = []
                while let part = try list.next() {
                    if case .bytes(1, let range) = part {
                        elements.append(try Self.value(list.span(range), depth: depth + 1))
                    }
                }
                value = .array(elements)
            default: break
            }
        }
        return value
    }
}
