/// The part of a journal's first page that is covered by its checksum (Format.md, section 5).
package struct JournalHeader: Hashable, Sendable {
    package var run = UniqueID.zero
    package var n: UInt32 = 0
    /// A power of two; 0: no ring, only a heartbeat.
    package var slots: UInt32 = 0
    package var salt: UInt64 = 0
    package var boot = UniqueID.zero
    package var namespace: UInt64 = 0
    package var pid: UInt32 = 0
    /// Clock ticks since boot.
    package var processStarted: UInt64 = 0
    /// Nanoseconds since 1970.
    package var created = FormatConstants.noTime
    package var repository = UniqueID.zero
    package var host = ""

    package init() {}

    /// The 184 bytes of the header with its checksum; the rest of the page is not covered.
    package func bytes() -> [UInt8] {
        var writer = ByteWriter(capacity: FormatConstants.journalChecksummedBytes + 8)
        writer.fixed(FormatConstants.journalMagic)
        writer.fixed(FormatConstants.version)
        writer.fixed(UInt16(FormatConstants.journalRecordBytes))
        writer.fixed(UInt32(0))
        writer.id(run)
        writer.fixed(n)
        writer.fixed(slots)
        writer.fixed(salt)
        writer.id(boot)
        writer.fixed(namespace)
        writer.fixed(pid)
        writer.fixed(UInt32(0))
        writer.fixed(processStarted)
        writer.fixed(created)
        writer.id(repository)
        writer.hostName(host)
        writer.fixed(XXHash64.hash(writer.bytes))
        return writer.bytes
    }

    /// - Parameter page: at least the first 184 bytes of the file.
    /// - Throws: `truncated`, `corrupt` or `unsupported`.
    package init(parsing page: RawSpan) throws(FormatError) {
        var reader = ByteReader(page)
        let magic = try reader.fixed(UInt64.self, "the magic of a journal")
        guard magic == FormatConstants.journalMagic else {
            throw FormatError(.corrupt, at: 0, expected: "the magic of a journal, \"VARVEJNL\"", found: "other bytes")
        }
        let version = try reader.fixed(UInt16.self)
        let recordBytes = try reader.fixed(UInt16.self)
        let features = try reader.fixed(UInt32.self)
        run = try reader.id()
        n = try reader.fixed(UInt32.self)
        slots = try reader.fixed(UInt32.self)
        salt = try reader.fixed(UInt64.self)
        boot = try reader.id()
        namespace = try reader.fixed(UInt64.self)
        pid = try reader.fixed(UInt32.self)
        try reader.skip(4)
        processStarted = try reader.fixed(UInt64.self)
        created = try reader.fixed(Int64.self)
        repository = try reader.id()
        host = try reader.hostName()
        let stated = try reader.fixed(UInt64.self, "the checksum of a journal's header")
        let actual = XXHash64.hash(page.extracting(0..<FormatConstants.journalChecksummedBytes))
        guard stated == actual else {
            throw FormatError(
                .corrupt, at: FormatConstants.journalChecksummedBytes,
                expected: "checksum \(actual) of a journal's header", found: "\(stated)")
        }
        try checkVersion(version, features: features, at: 8)
        guard Int(recordBytes) == FormatConstants.journalRecordBytes, slots == 0 || slots & (slots - 1) == 0,
            slots <= 1 << 26
        else {
            throw FormatError(
                .corrupt, at: 10, expected: "records of 32 bytes, slots a power of two up to 2^26",
                found: "\(recordBytes) bytes, \(slots) slots")
        }
    }
}
