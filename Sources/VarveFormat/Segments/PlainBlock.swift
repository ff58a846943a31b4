/// Bytes that may be one zstd frame, with the number of plain bytes in front: "varint plain bytes, BYTES".
package enum PlainBlock {
    /// Appends `plain`, compressed where that is smaller.
    package static func append(_ plain: [UInt8], to writer: inout ByteWriter, zstd: Zstd) {
        writer.varint(plain.count)
        if let smaller = plain.withUnsafeBytes({ zstd.compress($0, level: 6) }) {
            writer.varint(smaller.count)
            writer.raw(smaller)
        } else {
            writer.varint(plain.count)
            writer.raw(plain)
        }
    }

    /// Takes a block of at most 64 MiB.
    package static func take(_ reader: inout ByteReader, zstd: Zstd) throws(FormatError) -> [UInt8] {
        let count = try reader.count("the plain bytes of a block", cap: FormatConstants.maxPlainBytes)
        let length = try reader.count("the stored bytes of a block", cap: FormatConstants.maxPlainBytes)
        let start = reader.offset
        let stored = try reader.take(length, "a block")
        guard length != count else { return stored.withUnsafeBytes { [UInt8]($0) } }
        var failure: FormatError?
        let plain = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            filled = 0
            do throws(FormatError) {
                let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[0..<count])
                try zstd.decompress(stored, into: room)
                filled = count
            } catch {
                failure = error
                failure?.offset += start
            }
        }
        if let failure { throw failure }
        return plain
    }
}
