import Varve

/// Writes structures in Thrift's compact protocol.
///
/// Source: "Thrift Compact protocol" (apache/thrift, doc/specs/thrift-compact-protocol.md): a field's header holds the
/// distance to the field before it and the type; integers are zigzag varints.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastField: Int16 = 0

    private enum Kind: UInt8 { case yes = 1, no, byte, i16, i32, i64, double, binary, list, set, map, structure }

    mutating func bool(_ field: Int16, _ value: Bool) { header(field, value ? .yes : .no) }

    mutating func int16(_ field: Int16, _ value: Int16) { integer(field, .i16, Int64(value)) }

    mutating func int32(_ field: Int16, _ value: Int32) { integer(field, .i32, Int64(value)) }

    mutating func int64(_ field: Int16, _ value: Int) { integer(field, .i64, Int64(value)) }

    mutating func binary(_ field: Int16, _ value: some Sequence<UInt8>) {
        header(field, .binary)
        append(value)
    }

    mutating func string(_ field: Int16, _ value: String) { binary(field, value.utf8) }

    mutating func structure(_ field: Int16, _ body: (inout ThriftWriter) -> Void = { _ in }) {
        header(field, .structure)
        nested(body)
    }

    mutating func structures<Element>(
        _ field: Int16, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void
    ) {
        header(field, .list)
        listHeader(.structure, elements.count)
        for element in elements { nested { body(&$0, element) } }
    }

    mutating func int32s(_ field: Int16, _ numbers: [Int32]) {
        header(field, .list)
        listHeader(.i32, numbers.count)
        for number in numbers { bytes.appendZigzag(Int64(number)) }
    }

    mutating func strings(_ field: Int16, _ texts: [String]) {
        header(field, .list)
        listHeader(.binary, texts.count)
        for text in texts { append(text.utf8) }
    }

    /// Ends the structure that everything so far belongs to.
    mutating func stop() { bytes.append(0) }

    private mutating func nested(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastField
        lastField = 0
        body(&self)
        stop()
        lastField = outer
    }

    private mutating func header(_ field: Int16, _ kind: Kind) {
        let distance = field - lastField
        if (1...15).contains(distance) {
            bytes.append(UInt8(truncatingIfNeeded: distance) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            bytes.appendZigzag(Int64(field))
        }
        lastField = field
    }

    private mutating func listHeader(_ kind: Kind, _ count: Int) {
        if count < 15 {
            bytes.append(UInt8(truncatingIfNeeded: count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            bytes.appendVarint(UInt64(count))
        }
    }

    private mutating func integer(_ field: Int16, _ kind: Kind, _ value: Int64) {
        header(field, kind)
        bytes.appendZigzag(value)
    }

    private mutating func append(_ value: some Sequence<UInt8>) {
        let content = Array(value)
        bytes.appendVarint(UInt64(content.count))
        bytes += content
    }
}
