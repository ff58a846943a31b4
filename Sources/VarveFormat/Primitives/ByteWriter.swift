/// Appends numbers, strings and bytes in the encodings of Format.md, section 1, to a growing array.
package struct ByteWriter {
    /// What was written so far.
    package var bytes: [UInt8]

    package init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package var count: Int { bytes.count }

    package mutating func u8(_ value: UInt8) { bytes.append(value) }

    /// Appends an integer of fixed width, little-endian.
    package mutating func fixed(_ value: some FixedWidthInteger) { bytes.append(littleEndian: value) }

    package mutating func double(_ value: Double) { fixed(value.bitPattern) }

    package mutating func varint(_ value: UInt64) { bytes.appendVarint(value) }

    package mutating func varint(_ value: Int) { varint(UInt64(value)) }

    package mutating func zigzag(_ value: Int64) { bytes.appendZigzag(value) }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            varint(utf8.count)
            bytes.append(contentsOf: utf8)
        }
    }

    package mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    package mutating func raw(_ more: UnsafeRawBufferPointer) { bytes.append(raw: more) }

    package mutating func zeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    /// Pads with zeros to the next multiple of `alignment`.
    package mutating func pad(to alignment: Int) {
        let rest = bytes.count % alignment
        if rest > 0 { zeros(alignment - rest) }
    }
}
