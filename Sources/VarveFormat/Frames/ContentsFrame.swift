/// One file within a pack (Format.md, section 3.9).
package struct PackedFile: Hashable, Sendable {
    package var identity: LogIdentity
    /// Of its `begin`, in the pack.
    package var offset: UInt64
    package var bytes: UInt64
    package var isClosed: Bool

    package init(identity: LogIdentity, offset: UInt64, bytes: UInt64, isClosed: Bool) {
        self.identity = identity
        self.offset = offset
        self.bytes = bytes
        self.isClosed = isClosed
    }

    package static func payload(_ files: [PackedFile]) -> [UInt8] {
        var writer = ByteWriter()
        for file in files {
            writer.id(file.identity.run)
            writer.fixed(file.identity.n)
            writer.fixed(file.identity.salt)
            writer.varint(file.offset)
            writer.varint(file.bytes)
            writer.u8(file.isClosed ? 1 : 0)
        }
        return writer.bytes
    }

    package static func parse(_ payload: RawSpan, count: Int) throws(FormatError) -> [PackedFile] {
        var reader = ByteReader(payload)
        var files: [PackedFile] = []
        for _ in 0..<count {
            let run = try reader.id("the run of a packed file")
            let n = try reader.fixed(UInt32.self, "the number of a packed file")
            let salt = try reader.fixed(UInt64.self, "the salt of a packed file")
            let offset = try reader.varint("the offset of a packed file")
            let bytes = try reader.varint("the bytes of a packed file")
            let closed = try reader.u8("the state of a packed file")
            files.append(
                PackedFile(
                    identity: LogIdentity(run: run, n: n, salt: salt), offset: offset, bytes: bytes,
                    isClosed: closed == 1))
        }
        return files
    }
}
