/// One setting of a property (Format.md, section 3.4).
package struct PropertyEntry: Hashable, Sendable {
    /// The run that it is a property of; nil: the run of the file's `begin`.
    package var run: UniqueID?
    package var key: String
    package var revision: UInt64
    /// When it was set, nanoseconds since 1970; shown, never compared.
    package var time: Int64
    package var value: PropertyValue

    package init(run: UniqueID?, key: String, revision: UInt64, time: Int64, value: PropertyValue) {
        self.run = run
        self.key = key
        self.revision = revision
        self.time = time
        self.value = value
    }

    package static func payload(_ entries: [PropertyEntry]) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries {
            if let run = entry.run {
                writer.u8(1)
                writer.id(run)
            } else {
                writer.u8(0)
            }
            writer.string(entry.key)
            writer.varint(entry.revision)
            writer.fixed(entry.time)
            writer.value(entry.value)
        }
        return writer.bytes
    }

    package static func parse(_ payload: RawSpan, count: Int) throws(FormatError) -> [PropertyEntry] {
        var reader = ByteReader(payload)
        var entries: [PropertyEntry] = []
        for _ in 0..<count {
            let start = reader.offset
            let scope = try reader.u8("the scope of a property")
            guard scope <= 1 else {
                throw FormatError(.corrupt, at: start, expected: "a scope of 0 or 1", found: "\(scope)")
            }
            let run = scope == 1 ? try reader.id("the run of a property") : nil
            let key = try reader.string("the key of a property", cap: FormatConstants.maxPropertyKeyBytes)
            let revision = try reader.varint("the revision of a property")
            let time = try reader.fixed(Int64.self, "the time of a property")
            let value = try reader.value()
            entries.append(PropertyEntry(run: run, key: key, revision: revision, time: time, value: value))
        }
        return entries
    }
}
