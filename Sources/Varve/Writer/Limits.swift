import VarveFormat

/// The caps of the format, checked where something enters.
enum Limits {
    static func check(metric name: String, context: [String: String]) throws(VarveError) {
        let cap = FormatConstants.maxNameBytes
        guard !name.isEmpty, name.utf8.count <= cap else {
            throw VarveError(
                .limit, "the name of a metric can't be stored", expected: "1 to \(cap) bytes",
                found: "\(name.utf8.count)")
        }
        guard context.count <= FormatConstants.maxContextPairs else {
            throw VarveError(
                .limit, "the context of \(name) can't be stored",
                expected: "at most \(FormatConstants.maxContextPairs) pairs", found: "\(context.count)")
        }
        for (key, value) in context where key.isEmpty || key.utf8.count > cap || value.utf8.count > cap {
            throw VarveError(
                .limit, "the context of \(name) can't be stored", expected: "keys and values of at most \(cap) bytes",
                found: "\(key.utf8.count) and \(value.utf8.count)")
        }
    }

    static func check(property key: String, _ value: PropertyValue) throws(VarveError) {
        guard !key.isEmpty, key.utf8.count <= FormatConstants.maxPropertyKeyBytes else {
            throw VarveError(
                .limit, "the key of a property can't be stored",
                expected: "1 to \(FormatConstants.maxPropertyKeyBytes) bytes", found: "\(key.utf8.count)")
        }
        let bytes = bytes(value)
        guard bytes <= FormatConstants.maxPropertyBytes else {
            throw VarveError(
                .limit, "property \(key) can't be stored",
                expected: "at most \(FormatConstants.maxPropertyBytes) bytes",
                found: "\(bytes)", remedy: "store it as an artifact")
        }
    }

    static func check(
        artifact name: String, version: String, mediaType: String, context: [String: String]
    ) throws(VarveError) {
        let cap = FormatConstants.maxNameBytes
        let most = max(name.utf8.count, version.utf8.count, mediaType.utf8.count)
        guard !name.isEmpty, most <= cap else {
            throw VarveError(
                .limit, "an artifact can't be stored", expected: "name, version and media type of at most \(cap) bytes",
                found: name.isEmpty ? "no name" : "\(most)")
        }
        try check(metric: name, context: context)
    }

    /// Properties as they are put into frames: no frame may hold more plain bytes than a reader takes.
    static func frames(_ entries: [PropertyEntry]) -> [ArraySlice<PropertyEntry>] {
        var frames: [ArraySlice<PropertyEntry>] = []
        var first = 0
        var bytes = 0
        for (i, entry) in entries.enumerated() {
            let size = entry.key.utf8.count + self.bytes(entry.value) + 64
            if i > first, bytes + size > maxFrameBytes || i - first >= maxFrameEntries {
                frames.append(entries[first..<i])
                first = i
                bytes = 0
            }
            bytes += size
        }
        if first < entries.count { frames.append(entries[first...]) }
        return frames
    }

    /// Likewise texts.
    static func textFrames(_ lines: [TextLine]) -> [ArraySlice<TextLine>] {
        var frames: [ArraySlice<TextLine>] = []
        var first = 0
        var bytes = 0
        for (i, line) in lines.enumerated() {
            let size = line.text.utf8.count + line.channel.utf8.count + 64
            if i > first, bytes + size > maxFrameBytes || i - first >= maxFrameEntries {
                frames.append(lines[first..<i])
                first = i
                bytes = 0
            }
            bytes += size
        }
        if first < lines.count { frames.append(lines[first...]) }
        return frames
    }

    /// A record is a frame of its own, beside its ordinal.
    static let maxRecordBytes = FormatConstants.maxPlainBytes - 64

    private static let maxFrameBytes = FormatConstants.maxPlainBytes / 4
    private static let maxFrameEntries = 100_000

    private static func bytes(_ value: PropertyValue) -> Int {
        switch value {
        case .string(let text), .json(let text): text.utf8.count
        default: 0
        }
    }

    static func check(text: String, channel: String) throws(VarveError) {
        guard channel.utf8.count <= FormatConstants.maxNameBytes, text.utf8.count <= FormatConstants.maxTextBytes else {
            throw VarveError(
                .limit, "text can't be stored", expected: "at most \(FormatConstants.maxTextBytes) bytes",
                found: "\(text.utf8.count)", remedy: "store it as an artifact")
        }
    }
}
