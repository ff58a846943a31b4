import Varve

/// Images and audio clips of event files, which hold each as a whole file.
enum EventMedium {
    /// The file within an `Image` or `Audio` message of `framework/summary.proto`: field 4 of both; nil if there is none.
    static func file(in message: RawSpan) throws(FormatError) -> Range<Int>? {
        var fields = ProtobufFields(message)
        var found: Range<Int>?
        while let field = try fields.next() { if case .bytes(4, let range) = field, !range.isEmpty { found = range } }
        return found
    }

    /// The files among the strings of a tensor of the plugins `images` (width, height, images) and `audio` (clip, label, …): those
    /// that begin as such a file does.
    static func files(among strings: [Range<Int>], of message: RawSpan) -> [Range<Int>] {
        strings.filter { ending(of: message.extracting($0)) != nil }
    }

    /// The name of a tag's files: the tag, with the ending that their content asks for.
    static func name(_ tag: String, _ content: RawSpan) -> String { tag + (ending(of: content) ?? "") }

    /// Told by the first bytes.
    private static func ending(of content: RawSpan) -> String? {
        content.withUnsafeBytes { bytes in
            if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return ".png" }
            if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return ".jpg" }
            if bytes.starts(with: "GIF8".utf8) { return ".gif" }
            if bytes.starts(with: "RIFF".utf8) { return ".wav" }
            return nil
        }
    }
}
