/// A complete list of the live segments of a repository (Format.md, section 7).
package struct Manifest: Hashable, Sendable {
    package var repository: UniqueID
    package var number: UInt64
    /// Nanoseconds since 1970.
    package var created: Int64
    /// A published copy: `logs/` isn't listed.
    package var isComplete: Bool
    package var segments: [ManifestEntry]

    package init(
        repository: UniqueID, number: UInt64, created: Int64, isComplete: Bool = false, segments: [ManifestEntry] = []
    ) {
        self.repository = repository
        self.number = number
        self.created = created
        self.isComplete = isComplete
        self.segments = segments
    }

    /// The name of the manifest with this number.
    package static func fileName(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".manifest"
    }

    /// The number in a manifest's name; nil for other names.
    package static func number(of fileName: String) -> UInt64? {
        guard fileName.hasSuffix(".manifest"), fileName.utf8.count == 29 else { return nil }
        let digits = fileName.utf8.prefix(20)
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt64(fileName.prefix(20))
    }
}

/// What a manifest says of one segment: 64 bytes.
package struct ManifestEntry: Hashable, Sendable {
    package var id: UniqueID
    /// Bytes of the file.
    package var size: Int
    /// Where its sections begin.
    package var sectionsOffset: Int
    /// XXH64 from there to the end of the file.
    package var sectionsHash: UInt64
    package var points: UInt64
    package var runs: UInt32
    /// How often its points were merged.
    package var tier: UInt16
    /// Of the times in the run IDs, seconds since 1970.
    package var firstRunSeconds: UInt32
    package var lastRunSeconds: UInt32

    package init(
        id: UniqueID, size: Int, sectionsOffset: Int, sectionsHash: UInt64, points: UInt64, runs: UInt32, tier: UInt16,
        firstRunSeconds: UInt32, lastRunSeconds: UInt32
    ) {
        self.id = id
        self.size = size
        self.sectionsOffset = sectionsOffset
        self.sectionsHash = sectionsHash
        self.points = points
        self.runs = runs
        self.tier = tier
        self.firstRunSeconds = firstRunSeconds
        self.lastRunSeconds = lastRunSeconds
    }

    package var fileName: String { "\(id).vseg" }
}

extension Manifest {
    private static let completeFlag: UInt32 = 1

    package func bytes() -> [UInt8] {
        var head = ByteWriter(capacity: FormatConstants.manifestHeaderBytes)
        head.fixed(FormatConstants.manifestMagic)
        head.fixed(FormatConstants.version)
        head.fixed(UInt16(0))
        head.fixed(UInt32(0))
        head.id(repository)
        head.fixed(number)
        head.fixed(created)
        head.fixed(UInt32(segments.count))
        head.fixed(isComplete ? Self.completeFlag : 0)
        var entries = ByteWriter(capacity: segments.count * FormatConstants.manifestEntryBytes)
        for segment in segments { segment.write(to: &entries) }
        let hash = XXHash64.hash(head.bytes + entries.bytes)
        head.fixed(hash)
        head.raw(entries.bytes)
        return head.bytes
    }

    package init(parsing bytes: RawSpan) throws(FormatError) {
        var reader = ByteReader(bytes)
        let magic = try reader.fixed(UInt64.self, "the magic of a manifest")
        guard magic == FormatConstants.manifestMagic else {
            throw FormatError(.corrupt, at: 0, expected: "the magic of a manifest, \"VARVEMAN\"", found: "other bytes")
        }
        let version = try reader.fixed(UInt16.self, "the version of a manifest")
        try reader.skip(2)
        let features = try reader.fixed(UInt32.self, "the features of a manifest")
        try checkVersion(version, features: features, at: 8)
        repository = try reader.id("the repository of a manifest")
        number = try reader.fixed(UInt64.self, "the number of a manifest")
        created = try reader.fixed(Int64.self, "the time of a manifest")
        let count = try reader.fixed(UInt32.self, "the segments of a manifest")
        let flags = try reader.fixed(UInt32.self, "the flags of a manifest")
        let stated = try reader.fixed(UInt64.self, "the checksum of a manifest")
        guard count <= FormatConstants.maxSegments else {
            throw FormatError(
                .capExceeded, at: 48, expected: "at most \(FormatConstants.maxSegments) segments", found: "\(count)")
        }
        let entriesBytes = Int(count) * FormatConstants.manifestEntryBytes
        guard reader.remaining == entriesBytes else {
            throw FormatError(
                reader.remaining < entriesBytes ? .truncated : .corrupt, at: reader.offset,
                expected: "\(count) segments of \(FormatConstants.manifestEntryBytes) bytes",
                found: "\(reader.remaining) bytes")
        }
        let actual = bytes.withUnsafeBytes { raw in
            let head = FormatConstants.manifestHeaderBytes
            return XXHash64.hash([UInt8](raw[0..<(head - 8)]) + [UInt8](raw[head...]))
        }
        guard stated == actual else {
            throw FormatError(.corrupt, at: 56, expected: "checksum \(actual) of a manifest", found: "\(stated)")
        }
        isComplete = flags & Self.completeFlag != 0
        segments = []
        segments.reserveCapacity(Int(count))
        for _ in 0..<count { segments.append(try ManifestEntry(&reader)) }
    }
}

extension ManifestEntry {
    fileprivate func write(to writer: inout ByteWriter) {
        writer.id(id)
        writer.fixed(UInt64(size))
        writer.fixed(UInt64(sectionsOffset))
        writer.fixed(sectionsHash)
        writer.fixed(points)
        writer.fixed(runs)
        writer.fixed(tier)
        writer.fixed(UInt16(0))
        writer.fixed(firstRunSeconds)
        writer.fixed(lastRunSeconds)
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        id = try reader.id("a segment of a manifest")
        let size = try reader.fixed(UInt64.self, "the size of a segment")
        let sections = try reader.fixed(UInt64.self, "the sections of a segment")
        guard size <= UInt64(Int64.max), sections >= UInt64(FormatConstants.segmentHeaderBytes), sections < size else {
            throw FormatError(
                .corrupt, at: start + 16, expected: "a segment whose sections lie within it",
                found: "sections at \(sections) of \(size) bytes")
        }
        self.size = Int(size)
        sectionsOffset = Int(sections)
        sectionsHash = try reader.fixed(UInt64.self, "the checksum of a segment")
        points = try reader.fixed(UInt64.self, "the points of a segment")
        runs = try reader.fixed(UInt32.self, "the runs of a segment")
        tier = try reader.fixed(UInt16.self, "the tier of a segment")
        try reader.skip(2)
        firstRunSeconds = try reader.fixed(UInt32.self, "the first run of a segment")
        lastRunSeconds = try reader.fixed(UInt32.self, "the last run of a segment")
    }
}
