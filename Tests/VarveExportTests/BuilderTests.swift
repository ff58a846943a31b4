import Testing
import Varve
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import VarveExport

/// Shows that the two builders of metadata write what their specifications say: against bytes worked out by hand, and read back
/// through a reader that follows the format's pointers.
struct BuilderTests {
    // MARK: Thrift

    @Test func thriftWritesCompactly() {
        var writer = ThriftWriter()
        writer.int32(1, -1)
        writer.string(2, "ab")
        writer.bool(20, true)
        writer.structure(21) { $0.int64(3, 300) }
        writer.int32s(22, Array(0..<16))
        writer.structures(23, [1, 2]) { $0.int16(1, $1) }
        writer.strings(24, ["x"])
        writer.bool(25, false)
        writer.stop()
        var expected: [UInt8] = [0x15, 0x01, 0x18, 2, 0x61, 0x62]
        // Field 20 is 18 behind field 2: its number stands apart, as a zigzag varint.
        expected += [0x01, 40]
        expected += [0x1C, 0x36, 0xD8, 0x04, 0x00]
        // A list of sixteen has its length apart.
        expected += [0x19, 0xF5, 16] + (0..<16).map { UInt8(2 * $0) }
        expected += [0x19, 0x2C, 0x14, 2, 0, 0x14, 4, 0]
        expected += [0x19, 0x18, 1, 0x78]
        expected += [0x12, 0x00]
        #expect(writer.bytes == expected)
    }

    // MARK: FlatBuffers

    /// Reads what a buffer holds, by the format's rules.
    private struct Reader {
        let bytes: [UInt8]

        func word<Number: FixedWidthInteger>(_ at: Int, _ type: Number.Type = Number.self) throws -> Number {
            try #require(at >= 0 && at + MemoryLayout<Number>.size <= bytes.count)
            // Everything is aligned to its size.
            #expect(at % MemoryLayout<Number>.size == 0)
            return bytes[at...].withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
        }

        func target(_ at: Int) throws -> Int { at + Int(try word(at, UInt32.self)) }

        /// Where a field of a table stands; nil if it isn't there.
        func field(_ table: Int, _ slot: Int) throws -> Int? {
            let vtable = table - Int(try word(table, Int32.self))
            guard 4 + 2 * slot < Int(try word(vtable, UInt16.self)) else { return nil }
            let offset = Int(try word(vtable + 4 + 2 * slot, UInt16.self))
            #expect(offset < Int(try word(vtable + 2, UInt16.self)))
            return offset == 0 ? nil : table + offset
        }

        func string(_ at: Int) throws -> String {
            let start = try target(at)
            let count = Int(try word(start, UInt32.self))
            #expect(bytes[start + 4 + count] == 0)
            return String(decoding: bytes[(start + 4)..<(start + 4 + count)], as: UTF8.self)
        }
    }

    @Test func flatBuffersCanBeFollowed() throws {
        let bytes = FlatBuffer.bytes(root: [
            FlatField(0, .int16(-4)), FlatField(1, .uint8(9)), FlatField(2, .table([FlatField(3, .string("größe"))])),
            FlatField(3, .int64(.min)), FlatField(6, .tables([[FlatField(0, .bool(true))], []])),
            FlatField(7, .structures([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], count: 2)),
            FlatField(8, .int32(77)), FlatField(9, .tables([])),
        ])
        #expect(bytes.count % 8 == 0)
        let reader = Reader(bytes: bytes)
        let root = try reader.target(0)
        #expect(try reader.word(try #require(try reader.field(root, 0)), Int16.self) == -4)
        #expect(bytes[try #require(try reader.field(root, 1))] == 9)
        #expect(try reader.word(try #require(try reader.field(root, 3)), Int64.self) == .min)
        #expect(try reader.word(try #require(try reader.field(root, 8)), Int32.self) == 77)
        #expect(try reader.field(root, 4) == nil && reader.field(root, 5) == nil && reader.field(root, 10) == nil)
        let inner = try reader.target(try #require(try reader.field(root, 2)))
        #expect(try reader.string(try #require(try reader.field(inner, 3))) == "größe")
        let tables = try reader.target(try #require(try reader.field(root, 6)))
        #expect(try reader.word(tables, UInt32.self) == 2)
        let first = try reader.target(tables + 4)
        #expect(bytes[try #require(try reader.field(first, 0))] == 1)
        #expect(try reader.field(try reader.target(tables + 8), 0) == nil)
        let numbers = try reader.target(try #require(try reader.field(root, 7)))
        #expect(try reader.word(numbers, UInt32.self) == 2)
        #expect(try reader.word(numbers + 4, Int64.self) == 1 && reader.word(numbers + 12, Int64.self) == 2)
        #expect(try reader.word(try reader.target(try #require(try reader.field(root, 9))), UInt32.self) == 0)
    }

    // MARK: Encodings of Parquet

    private static func varint(_ bytes: ArraySlice<UInt8>) -> (value: UInt64, rest: ArraySlice<UInt8>) {
        var (value, shift, rest) = (UInt64(0), UInt64(0), bytes)
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return (value, rest)
    }

    /// Decodes the hybrid of runs and packed groups for numbers of one bit.
    private static func bits(_ bytes: [UInt8], count: Int) -> [Bool] {
        var rest = bytes[...]
        var found: [Bool] = []
        while found.count < count, !rest.isEmpty {
            let (header, after) = varint(rest)
            rest = after
            if header & 1 == 1 {
                for _ in 0..<(header >> 1) {
                    let byte = rest.removeFirst()
                    for bit in 0..<8 { found.append(byte >> UInt8(bit) & 1 == 1) }
                }
            } else {
                let value = rest.removeFirst() == 1
                found += repeatElement(value, count: Int(header >> 1))
            }
        }
        #expect(rest.isEmpty && found.count - count < 8)
        return Array(found.prefix(count))
    }

    @Test func bitsComeBack() {
        var random = SplitMix64(seed: 11)
        for count in Array(0...40) + [127, 128, 1_000, 4_096] {
            for density in [0, 1, 5, 50, 95, 99, 100] {
                var wanted: [Bool] = []
                while wanted.count < count {
                    let value = Int.random(in: 0..<100, using: &random) < density
                    wanted += repeatElement(value, count: Int.random(in: 1...60, using: &random))
                }
                wanted.removeLast(wanted.count - count)
                var packed = [UInt8](repeating: 0, count: (count + 7) / 8)
                for (i, bit) in wanted.enumerated() where bit { packed[i >> 3] |= 1 << UInt8(i & 7) }
                var bytes: [UInt8] = []
                ParquetEncodings.hybrid(bits: packed, count: count, to: &bytes)
                #expect(Self.bits(bytes, count: count) == wanted, "\(count) at \(density) %: \(bytes)")
                if density == 0 || density == 100 { #expect(bytes.count <= 8, "\(count)") }
            }
        }
    }

    /// Decodes DELTA_BINARY_PACKED.
    private static func integers(_ bytes: [UInt8]) throws -> [Int64] {
        func zigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
        var (block, rest) = varint(bytes[...])
        let (parts, afterParts) = varint(rest)
        let (count, afterCount) = varint(afterParts)
        let (first, afterFirst) = varint(afterCount)
        rest = afterFirst
        #expect(block == 128 && parts == 4)
        guard count > 0 else { return [] }
        var found = [zigzag(first)]
        while found.count < Int(count) {
            let (least, afterLeast) = varint(rest)
            rest = afterLeast
            let widths = rest.prefix(4).map { Int($0) }
            rest = rest.dropFirst(4)
            for width in widths where found.count < Int(count) {
                let data = Array(rest.prefix(4 * width))
                rest = rest.dropFirst(4 * width)
                try #require(data.count == 4 * width)
                for i in 0..<32 where found.count < Int(count) {
                    var difference: UInt64 = 0
                    for bit in 0..<width {
                        let at = i * width + bit
                        difference |= UInt64(data[at >> 3] >> UInt8(at & 7) & 1) << UInt64(bit)
                    }
                    found.append(found[found.count - 1] &+ zigzag(least) &+ Int64(bitPattern: difference))
                }
            }
            block = 0
        }
        #expect(rest.isEmpty)
        return found
    }

    @Test func integersComeBack() throws {
        var random = SplitMix64(seed: 12)
        var columns: [[Int64]] = [[], [5], [.min], [.min, .max, .min, 0], Array(0..<1_000), [7, 7, 7]]
        for width in [1, 7, 13, 31, 33, 63, 64] {
            for count in [2, 31, 32, 33, 128, 129, 130, 257, 500] {
                columns.append((0..<count).map { _ in Int64(truncatingIfNeeded: random.next() >> UInt64(64 - width)) })
            }
        }
        for column in columns {
            var bytes: [UInt8] = []
            column.withUnsafeBufferPointer { ParquetEncodings.deltas($0, to: &bytes) }
            #expect(try Self.integers(bytes) == column)
        }
    }

    @Test func doublesAreSplitByByte() {
        let numbers = [1.5, -0.0, .pi]
        var bytes: [UInt8] = [9]
        numbers.withUnsafeBufferPointer { ParquetEncodings.split($0, to: &bytes) }
        #expect(bytes.count == 25 && bytes[0] == 9)
        for (i, number) in numbers.enumerated() {
            let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[1 + 3 * $1 + i]) << UInt64(8 * $1) }
            #expect(word == number.bitPattern)
        }
    }
}
