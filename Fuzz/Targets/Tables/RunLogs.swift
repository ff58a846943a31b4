import Varve
import VarveImport

/// The run files of W&B and SwanLab: blocks, protobuf, and JSON in them. The first byte: its low bit makes checksums fit, the
/// next chooses SwanLab, the next another key as the step.
struct RunLogs: FuzzTarget {
    static var words: [String] { ["_step", "_timestamp", "_type", "_wandb", "histogram", "NaN", ":W&B", ":SWL"] }

    static func seeds() -> [[UInt8]] {
        func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
            (number < 16 ? [UInt8(number << 3 | 2)] : [UInt8(number << 3 & 0x7F | 0x82), UInt8(number >> 4)])
                + [UInt8(bytes.count)] + bytes
        }
        func text(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
        func item(_ key: String, _ json: String) -> [UInt8] { field(1, text(1, key) + text(16, json)) }
        let time: [UInt8] = [8, 0x80, 0xE2, 0xCF, 0xAA, 6]
        let records = [
            field(2, item("loss", "0.5") + item("_step", "3") + item("_timestamp", "1.7e9")),
            field(2, field(1, text(2, "a") + text(2, "b") + [0x28, 13]) + field(2, [8, 4])),
            field(2, item("h", #"{"_type":"histogram","values":[1]}"#) + item("s", "\"text\"") + item("n", "NaN")),
            field(5, item("lr", "0.1") + item("opt", #"{"name":"adam"}"#) + field(2, text(1, "lr"))),
            field(3, item("best", "1")), field(13, [8, 1] + field(2, time) + text(3, "10%\r20%\nopen")),
            field(7, field(2, time) + field(3, text(1, "cpu") + text(16, "3.5"))),
            field(17, text(1, "id") + text(8, "name") + text(10, "tag") + field(4, item("x", "1"))),
            field(26, text(5, "--a") + text(12, "host")), field(10, text(1, "title")), field(18, [8, 1]),
        ]
        let swan = [
            field(10, text(4, "name") + text(6, "tag")), field(12, [8, 2] + text(3, "cpu")),
            field(13, text(1, "loss") + [16, 4] + field(4, time) + field(5, [9, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F])),
            field(14, text(1, "pic") + [24, 2]), field(16, text(1, "line") + [16, 1]), field(11, [8, 1]),
        ]
        func log(_ records: [[UInt8]], _ head: [UInt8]) -> [UInt8] {
            head + records.flatMap { [0, 0, 0, 0, UInt8($0.count), 0, 1] + $0 }
        }
        let (wandb, swanlab) = (Array(":W&B".utf8) + [0xE1, 0xBE, 0], Array(":SWL".utf8) + [0xD6, 0xE1, 2])
        return [[1] + log(records, wandb), [3] + log(swan, swanlab), [5] + log(records, wandb)]
            + records.map { [1] + log([$0], wandb) } + swan.map { [3] + log([$0], swanlab) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { Mending.blocks(&bytes) }
        let sink = CountingSink(size: bytes.count)
        if first & 2 == 2 {
            var reader = SwanLabFileReader(file: "log", into: sink)
            do { try reader.read(MemorySource(bytes)) } catch {}
            try sink.finish(end: reader.end)
        } else {
            var reader = WandBFileReader(file: "log", step: first & 4 == 4 ? "loss" : nil, into: sink)
            do { try reader.read(MemorySource(bytes)) } catch {}
            try sink.finish(end: reader.end)
        }
    }
}
