/// The last 96 bytes of a segment: where its sections are (Format.md, section 6).
package struct SegmentTrailer: Hashable, Sendable {
    /// The place of one section, checksum included; no bytes: absent.
    package struct Section: Hashable, Sendable {
        package var offset: Int
        package var bytes: Int

        package init(offset: Int, bytes: Int) {
            self.offset = offset
            self.bytes = bytes
        }

        package var range: Range<Int> { offset..<(offset + bytes) }
    }

    package var metrics: Section
    package var pages: Section
    package var runs: Section
    package var coverage: Section
    package var properties: Section

    package init(metrics: Section, pages: Section, runs: Section, coverage: Section, properties: Section) {
        self.metrics = metrics
        self.pages = pages
        self.runs = runs
        self.coverage = coverage
        self.properties = properties
    }

    package var sections: [Section] { [metrics, pages, runs, coverage, properties] }

    /// Where the first section begins: pages end before it.
    package var sectionsOffset: Int { sections.map(\.offset).min() ?? 0 }

    package func bytes() -> [UInt8] {
        var writer = ByteWriter(capacity: FormatConstants.trailerBytes)
        writer.fixed(FormatConstants.trailerMagic)
        writer.fixed(FormatConstants.version)
        writer.fixed(UInt16(0))
        writer.fixed(UInt32(0))
        for section in sections {
            writer.fixed(UInt64(section.offset))
            writer.fixed(UInt32(section.bytes))
        }
        writer.zeros(12)
        writer.fixed(XXHash64.hash(writer.bytes))
        return writer.bytes
    }

    /// Parses a trailer that stands at the end of a file of `size` bytes; each section lies within the file.
    package init(parsing bytes: RawSpan, fileSize size: Int) throws(FormatError) {
        var reader = ByteReader(bytes)
        let magic = try reader.fixed(UInt64.self, "the magic of a trailer")
        guard magic == FormatConstants.trailerMagic else {
            throw FormatError(.corrupt, at: 0, expected: "the magic of a trailer, \"VARVETRL\"", found: "other bytes")
        }
        let version = try reader.fixed(UInt16.self, "the version of a trailer")
        try reader.skip(2)
        let features = try reader.fixed(UInt32.self, "the features of a trailer")
        let end = size - FormatConstants.trailerBytes
        metrics = try reader.section(before: end)
        pages = try reader.section(before: end)
        runs = try reader.section(before: end)
        coverage = try reader.section(before: end)
        properties = try reader.section(before: end)
        try reader.skip(12, "the reserved section of a trailer")
        try reader.demandChecksum(of: bytes, "a trailer")
        try reader.finish("a trailer")
        try checkVersion(version, features: features, at: 8)
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    fileprivate mutating func section(before end: Int) throws(FormatError) -> SegmentTrailer.Section {
        let start = offset
        let place = try fixed(UInt64.self, "the offset of a section")
        let length = try Int(fixed(UInt32.self, "the bytes of a section"))
        guard end >= length, place >= UInt64(FormatConstants.segmentHeaderBytes), place <= UInt64(end - length) else {
            throw FormatError(
                .corrupt, at: start, expected: "a section between the header and the trailer at \(end)",
                found: "\(length) bytes at \(place)")
        }
        return SegmentTrailer.Section(offset: Int(place), bytes: length)
    }
}
