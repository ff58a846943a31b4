import Varve

/// A value of a FlatBuffers table.
///
/// Format: "FlatBuffers internals" (flatbuffers.dev/internals): a table begins with the distance to its vtable, which says where
/// each field stands; strings, vectors and other tables stand elsewhere, forward of who refers to them.
indirect enum FlatValue: Sendable {
    case bool(Bool)
    case uint8(UInt8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case string(String)
    case table([FlatField])
    case tables([[FlatField]])
    /// A vector of structures of fixed layout: their bytes end to end.
    case structures([UInt8], count: Int)

    /// The bytes that a table takes for it.
    fileprivate var size: Int {
        switch self {
        case .bool, .uint8: 1
        case .int16: 2
        case .int64: 8
        case .int32, .string, .table, .tables, .structures: 4
        }
    }
}

/// A field of a table, by its number in the schema.
struct FlatField: Sendable {
    var slot: Int
    var value: FlatValue

    init(_ slot: Int, _ value: FlatValue) {
        self.slot = slot
        self.value = value
    }
}

/// Writes a FlatBuffers table and what it refers to, from front to back: each vtable stands before its table, and everything
/// else behind who refers to it. All of it is aligned as if the buffer began at a multiple of 8.
struct FlatBuffer {
    private(set) var bytes: [UInt8] = []

    /// A buffer whose root is this table, padded to a multiple of 8.
    static func bytes(root: [FlatField]) -> [UInt8] {
        var buffer = FlatBuffer()
        buffer.fixed(UInt32(0))
        buffer.refer(at: 0, to: buffer.table(root))
        buffer.pad(to: 8)
        return buffer.bytes
    }

    /// Writes a table; returns where.
    private mutating func table(_ fields: [FlatField]) -> Int {
        // The largest first, so that little is lost to alignment.
        let ordered = fields.sorted { ($1.value.size, $0.slot) < ($0.value.size, $1.slot) }
        var places: [(offset: Int, value: FlatValue)] = []
        let slots = (fields.map(\.slot).max() ?? -1) + 1
        var vtable = [UInt16](repeating: 0, count: slots)
        var size = 4
        for field in ordered {
            let width = field.value.size
            size = (size + width - 1) / width * width
            places.append((size, field.value))
            vtable[field.slot] = UInt16(truncatingIfNeeded: size)
            size += width
        }
        pad(to: 2)
        let vtableStart = bytes.count
        fixed(UInt16(truncatingIfNeeded: 4 + 2 * slots))
        fixed(UInt16(truncatingIfNeeded: size))
        for offset in vtable { fixed(offset) }
        pad(to: 8)
        let start = bytes.count
        bytes += repeatElement(0, count: size)
        put(Int32(truncatingIfNeeded: start - vtableStart), at: start)
        for (offset, value) in places { write(value, at: start + offset) }
        return start
    }

    private mutating func write(_ value: FlatValue, at place: Int) {
        switch value {
        case .bool(let flag): bytes[place] = flag ? 1 : 0
        case .uint8(let number): bytes[place] = number
        case .int16(let number): put(number, at: place)
        case .int32(let number): put(number, at: place)
        case .int64(let number): put(number, at: place)
        case .string(let text):
            pad(to: 4)
            refer(at: place, to: bytes.count)
            fixed(UInt32(truncatingIfNeeded: text.utf8.count))
            bytes += text.utf8
            bytes.append(0)
        case .table(let fields): refer(at: place, to: table(fields))
        case .tables(let all):
            pad(to: 4)
            let start = bytes.count
            refer(at: place, to: start)
            fixed(UInt32(truncatingIfNeeded: all.count))
            bytes += repeatElement(0, count: 4 * all.count)
            for (number, fields) in all.enumerated() { refer(at: start + 4 + 4 * number, to: table(fields)) }
        case .structures(let content, let count):
            // The length stands right before what has to be aligned.
            pad(to: 8)
            fixed(UInt32(0))
            refer(at: place, to: bytes.count)
            fixed(UInt32(truncatingIfNeeded: count))
            bytes += content
        }
    }

    /// Writes at `place` how far it is from there to `target`.
    private mutating func refer(at place: Int, to target: Int) {
        put(UInt32(truncatingIfNeeded: target - place), at: place)
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number, at place: Int) {
        withUnsafeBytes(of: number.littleEndian) { source in
            for (i, byte) in source.enumerated() { bytes[place + i] = byte }
        }
    }

    private mutating func fixed(_ number: some FixedWidthInteger) { bytes.append(littleEndian: number) }

    private mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }
}
