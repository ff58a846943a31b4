@testable import VarveImport

/// Builds protobuf messages and TFRecord files byte by byte, independently of the code that reads them.
struct Message {
    var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    func varint(_ field: Int, _ value: Int64) -> Message {
        Message(bytes: bytes + Self.varint(UInt64(field << 3)) + Self.varint(UInt64(bitPattern: value)))
    }

    func double(_ field: Int, _ value: Double) -> Message {
        Message(bytes: bytes + Self.varint(UInt64(field << 3 | 1)) + Self.littleEndian(value.bitPattern))
    }

    func float(_ field: Int, _ value: Float) -> Message {
        Message(bytes: bytes + Self.varint(UInt64(field << 3 | 5)) + Self.littleEndian(value.bitPattern))
    }

    func bytes(_ field: Int, _ value: [UInt8]) -> Message {
        Message(bytes: bytes + Self.varint(UInt64(field << 3 | 2)) + Self.varint(UInt64(value.count)) + value)
    }

    func message(_ field: Int, _ value: Message) -> Message { bytes(field, value.bytes) }
    func text(_ field: Int, _ value: String) -> Message { bytes(field, Array(value.utf8)) }
}

enum EventFile {
    static func record(_ data: [UInt8]) -> [UInt8] {
        let length = Message.littleEndian(UInt64(data.count))
        return length + Message.littleEndian(masked(length)) + data + Message.littleEndian(masked(data))
    }

    static func event(_ value: Message, step: Int64 = 0, wall: Double = 1.7e9) -> [UInt8] {
        record(Message().double(1, wall).varint(2, step).message(5, Message().message(1, value)).bytes)
    }

    static func scalar(_ tag: String, _ value: Float, step: Int64) -> [UInt8] {
        event(Message().text(1, tag).float(2, value), step: step)
    }

    static let version = record(Message().double(1, 1.7e9).text(3, "brain.Event:2").bytes)

    /// CRC-32C bit by bit, as a second opinion on the tables.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
        }
        sum = ~sum
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
