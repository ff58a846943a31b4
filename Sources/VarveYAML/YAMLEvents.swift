import CYAML
import Varve

/// One thing that a YAML text says.
enum YAMLEvent: Equatable {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    /// The node that has this anchor, once more.
    case alias(String)
    /// A text; plain if it stands without quotes, isn't a block, and isn't said to be a text.
    case scalar(String, isPlain: Bool, anchor: String?)
    case sequenceStart(anchor: String?)
    case sequenceEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

/// The events of a YAML text, one after the other. All pointers of libyaml live in here.
///
/// libyaml keeps what is open on stacks of its own, so depth costs memory only, and a reader that stops at a depth never pays
/// for the rest of the text.
struct YAMLEvents: ~Copyable {
    /// What `!!str` stands for.
    private static let textTag = "tag:yaml.org,2002:str"

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// What the parser reads from, for as long as it lives.
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let what: String

    /// - Parameters:
    ///   - text: the whole text.
    ///   - what: what to call it in errors.
    /// - Throws: `limit` if there is no memory for a parser.
    init(_ text: String, _ what: String) throws(VarveError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw VarveError(.limit, "there is no memory for reading \(what)")
        }
        let utf8 = text.utf8
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: utf8.count)
        _ = bytes.initialize(fromContentsOf: utf8)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        self.parser = parser
        self.text = bytes
        self.what = what
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event; `streamEnd` is the last.
    /// - Throws: `invalid`, with line and column, if the text isn't YAML.
    mutating func next() throws(VarveError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        let data = event.data
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(Self.text(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && Self.text(scalar.tag) != Self.textTag
            return .scalar(value, isPlain: isPlain, anchor: Self.text(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: Self.text(data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: Self.text(data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        // After its end a stream has events of no type.
        default: return .streamEnd
        }
    }

    private static func text(_ name: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        name.map { String(decodingCString: $0, as: UTF8.self) }
    }

    /// What libyaml says about the text that it refused.
    private var failure: VarveError {
        let state = parser.pointee
        guard state.error != YAML_MEMORY_ERROR else {
            return VarveError(.limit, "there is no memory for reading \(what)")
        }
        var problem = state.problem.map { String(cString: $0) } ?? "no YAML"
        if let context = state.context { problem = "\(problem) \(String(cString: context))" }
        guard state.error != YAML_READER_ERROR else {
            return VarveError(.invalid, "\(what) is neither JSON nor YAML: byte \(state.problem_offset): \(problem)")
        }
        let mark = state.problem_mark
        return VarveError(
            .invalid,
            "\(what) is neither JSON nor YAML: line \(mark.line + 1), column \(mark.column + 1): \(problem)")
    }
}
