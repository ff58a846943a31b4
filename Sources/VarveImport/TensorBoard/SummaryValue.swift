import Varve

/// One tagged value of a `Summary` (`framework/summary.proto`): tag 1, simple_value 2, image 4, histo 5, audio 6, tensor 8,
/// metadata 9.
struct SummaryValue {
    enum Content {
        case none
        case scalar(Double)
        case tensor(Range<Int>)
        case histogram(Range<Int>)
        /// An image or an audio clip, whose fourth field is a file.
        case medium(Range<Int>, kind: String)
        /// Something that isn't kept, by its kind in the plural.
        case skipped(String)
    }

    var tag = ""
    var content = Content.none
    /// The plugin that the metadata names, if there are any.
    var plugin: String?
    /// What the metadata hold for the plugin.
    var pluginContent: Range<Int>?

    init(_ message: RawSpan) throws(FormatError) {
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            switch field {
            case .bytes(1, let range): tag = fields.text(range)
            case .fixed32(2, let bits): content = .scalar(Double(Float(bitPattern: bits)))
            case .bytes(3, _): content = .skipped("histograms in an obsolete form")
            case .bytes(4, let range): content = .medium(range, kind: "images")
            case .bytes(5, let range): content = .histogram(range)
            case .bytes(6, let range): content = .medium(range, kind: "audio clips")
            case .bytes(8, let range): content = .tensor(range)
            case .bytes(9, let range): try metadata(fields.span(range), at: range.lowerBound)
            default: break
            }
        }
    }

    /// `SummaryMetadata`: plugin_data 1 with plugin_name 1 and content 2.
    private mutating func metadata(_ message: RawSpan, at offset: Int) throws(FormatError) {
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            guard case .bytes(1, let range) = field else { continue }
            var data = ProtobufFields(fields.span(range))
            while let part = try data.next() {
                switch part {
                case .bytes(1, let name): plugin = data.text(name)
                case .bytes(2, let content):
                    let base = offset + range.lowerBound
                    pluginContent = base + content.lowerBound..<base + content.upperBound
                default: break
                }
            }
        }
    }
}
