/// The first 64 bytes of a segment (Format.md, section 6).
package struct SegmentHeader: Hashable, Sendable {
    /// The UUID of the file's name.
    package var id: UniqueID
    package var repository: UniqueID
    /// Nanoseconds since 1970.
    package var created: Int64

    package init(id: UniqueID, repository: UniqueID, created: Int64) {
        self.id = id
        self.repository = repository
        self.created = created
    }

    package func bytes() -> [UInt8] {
        var writer = ByteWriter(capacity: FormatConstants.segmentHeaderBytes)
        writer.fixed(FormatConstants.segmentMagic)
        writer.fixed(FormatConstants.version)
        writer.fixed(UInt16(0))
        writer.fixed(UInt32(0))
        writer.id(id)
        writer.id(repository)
        writer.fixed(created)
        writer.fixed(XXHash64.hash(writer.bytes))
        return writer.bytes
    }

    package init(parsing bytes: RawSpan) throws(FormatError) {
        var reader = ByteReader(bytes)
        let magic = try reader.fixed(UInt64.self, "the magic of a segment")
        guard magic == FormatConstants.segmentMagic else {
            throw FormatError(.corrupt, at: 0, expected: "the magic of a segment, \"VARVESEG\"", found: "other bytes")
        }
        let version = try reader.fixed(UInt16.self, "the version of a segment")
        try reader.skip(2)
        let features = try reader.fixed(UInt32.self, "the features of a segment")
        id = try reader.id("the ID of a segment")
        repository = try reader.id("the repository of a segment")
        created = try reader.fixed(Int64.self, "the time of a segment")
        try reader.demandChecksum(of: bytes, "the header of a segment")
        try checkVersion(version, features: features, at: 8)
    }
}

extension ByteReader {
    /// Takes a checksum (seed 0) and compares it with that of everything before it.
    @_lifetime(self: copy self)
    package mutating func demandChecksum(of bytes: RawSpan, _ what: StaticString) throws(FormatError) {
        let end = offset
        let stated = try fixed(UInt64.self, "a checksum")
        let actual = XXHash64.hash(bytes.extracting(0..<end))
        guard stated == actual else {
            throw FormatError(.corrupt, at: end, expected: "checksum \(actual) of \(what)", found: "\(stated)")
        }
    }
}
