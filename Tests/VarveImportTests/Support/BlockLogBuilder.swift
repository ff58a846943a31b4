@testable import VarveImport

/// Builds logs of W&B's block form byte by byte, independently of the code that reads them.
struct BlockLog {
    private(set) var bytes: [UInt8]
    /// The offset behind each record.
    private(set) var ends: [Int] = []

    init(ident: String = ":W&B", magic: UInt16 = 0xBEE1, version: UInt8 = 0) {
        bytes = Array(ident.utf8) + Message.littleEndian(magic) + [version]
    }

    mutating func append(_ record: [UInt8]) {
        var rest = record[...]
        var isFirst = true
        repeat {
            var left = 32_768 - bytes.count % 32_768
            if left < 7 {
                bytes += [UInt8](repeating: 0, count: left)
                left = 32_768
            }
            let part = rest.prefix(left - 7)
            rest = rest.dropFirst(part.count)
            let kind: UInt8 = rest.isEmpty ? (isFirst ? 1 : 4) : (isFirst ? 2 : 3)
            bytes += Self.chunk(kind, Array(part))
            isFirst = false
        } while !rest.isEmpty
        ends.append(bytes.count)
    }

    static func chunk(_ kind: UInt8, _ data: [UInt8]) -> [UInt8] {
        Message.littleEndian(crc([kind] + data)) + Message.littleEndian(UInt16(data.count)) + [kind] + data
    }

    /// CRC-32 bit by bit, as a second opinion on the tables.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}

/// Records of a W&B file, by the numbers of their fields.
enum WandBRecords {
    /// A row; a name with slashes of its own is one key, a path several.
    static func row(_ step: Int64?, _ items: [(String, String)], time: Double = 1.7e9) -> [UInt8] {
        var history = Message()
        for (key, json) in items { history = history.message(1, Message().text(1, key).text(16, json)) }
        history = history.message(1, Message().text(1, "_timestamp").text(16, "\(time)"))
        if let step { history = history.message(1, Message().text(1, "_step").text(16, "\(step)")) }
        return Message().message(2, history).bytes
    }

    static func config(_ items: [(String, String)]) -> [UInt8] {
        var change = Message()
        for (key, json) in items { change = change.message(1, Message().text(1, key).text(16, json)) }
        return Message().message(5, change).bytes
    }

    static func output(_ text: String, channel: Int64 = 1, seconds: Int64 = 1_700_000_000) -> [UInt8] {
        let output = Message().varint(1, channel).message(2, Message().varint(1, seconds)).text(3, text)
        return Message().message(13, output).bytes
    }

    static func exit(_ code: Int64) -> [UInt8] { Message().message(18, Message().varint(1, code)).bytes }
}
