/// A file that belongs to a run: what it is called, and which content it has (Format.md, section 3.6).
package struct ArtifactEntry: Hashable, Sendable {
    package var step: Int64?
    /// Nanoseconds since 1970.
    package var time: Int64
    package var name: String
    package var version: String
    /// SHA-256 of the content, 32 bytes.
    package var sha256: [UInt8]
    package var size: UInt64
    package var mediaType: String
    /// What it was made from, or measured on, sorted by key.
    package var context: [MetricKey.ContextPair]

    package init(
        step: Int64?, time: Int64, name: String, version: String, sha256: [UInt8], size: UInt64, mediaType: String,
        context: [MetricKey.ContextPair] = []
    ) {
        self.step = step
        self.time = time
        self.name = name
        self.version = version
        self.sha256 = sha256
        self.size = size
        self.mediaType = mediaType
        self.context = context
    }

    /// Equal if all bytes of all names are.
    package static func == (a: ArtifactEntry, b: ArtifactEntry) -> Bool {
        a.step == b.step && a.time == b.time && a.sha256 == b.sha256 && a.size == b.size
            && a.name.hasSameBytes(as: b.name) && a.version.hasSameBytes(as: b.version)
            && a.mediaType.hasSameBytes(as: b.mediaType) && a.context == b.context
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(time)
        hasher.combine(sha256)
        name.hashBytes(into: &hasher)
    }

    package static func payload(_ entries: [ArtifactEntry]) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries {
            writer.optionalStep(entry.step)
            writer.fixed(entry.time)
            writer.string(entry.name)
            writer.string(entry.version)
            writer.raw(entry.sha256)
            writer.varint(entry.size)
            writer.string(entry.mediaType)
        }
        // Behind the last entry, where a reader that doesn't know them ignores them.
        if entries.contains(where: { !$0.context.isEmpty }) {
            for entry in entries { writer.context(entry.context) }
        }
        return writer.bytes
    }

    package static func parse(_ payload: RawSpan, count: Int) throws(FormatError) -> [ArtifactEntry] {
        var reader = ByteReader(payload)
        var entries: [ArtifactEntry] = []
        for _ in 0..<count {
            let step = try reader.optionalStep()
            let time = try reader.fixed(Int64.self, "the time of an artifact")
            let name = try reader.string("the name of an artifact", cap: FormatConstants.maxNameBytes)
            let version = try reader.string("the version of an artifact", cap: FormatConstants.maxNameBytes)
            let hash = try reader.take(32, "the SHA-256 of an artifact").withUnsafeBytes { [UInt8]($0) }
            let size = try reader.varint("the size of an artifact")
            let mediaType = try reader.string("the media type of an artifact", cap: FormatConstants.maxNameBytes)
            entries.append(
                ArtifactEntry(
                    step: step, time: time, name: name, version: version, sha256: hash, size: size,
                    mediaType: mediaType))
        }
        if !reader.isAtEnd { for i in entries.indices { entries[i].context = try reader.context() } }
        return entries
    }
}
