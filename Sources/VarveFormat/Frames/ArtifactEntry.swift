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

    package init(
        step: Int64?, time: Int64, name: String, version: String, sha256: [UInt8], size: UInt64, mediaType: String
    ) {
        self.step = step
        self.time = time
        self.name = name
        self.version = version
        self.sha256 = sha256
        self.size = size
        self.mediaType = mediaType
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
        return entries
    }
}
