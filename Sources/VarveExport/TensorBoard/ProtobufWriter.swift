import Varve

/// Writes messages of protobuf (protobuf.dev/programming-guides/encoding): what TensorBoard's event files need of them.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ field: Int, _ value: Int64) {
        key(field, 0)
        bytes.appendVarint(UInt64(bitPattern: value))
    }

    mutating func bool(_ field: Int, _ value: Bool) { varint(field, value ? 1 : 0) }

    mutating func double(_ field: Int, _ value: Double) {
        key(field, 1)
        bytes.append(littleEndian: value.bitPattern)
    }

    mutating func float(_ field: Int, _ value: Float) {
        key(field, 5)
        bytes.append(littleEndian: value.bitPattern)
    }

    mutating func string(_ field: Int, _ text: String) { content(field, Array(text.utf8)) }

    mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        content(field, inner.bytes)
    }

    mutating func content(_ field: Int, _ content: [UInt8]) {
        key(field, 2)
        bytes.appendVarint(UInt64(content.count))
        bytes += content
    }

    /// Bytes without a key: numbers of a packed list.
    mutating func append(_ content: UnsafeRawBufferPointer) { bytes.append(raw: content) }

    private mutating func key(_ field: Int, _ wireType: UInt64) { bytes.appendVarint(UInt64(field) << 3 | wireType) }
}
