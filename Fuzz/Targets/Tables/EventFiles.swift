import Varve
import VarveImport

/// TensorBoard's event files, TFRecords and protobuf in them. The first byte's low bit: checksums are made to fit.
struct EventFiles: FuzzTarget {
    static var words: [String] { ["scalars", "hparams", "text", "images", "brain.Event:2"] }

    static func seeds() -> [[UInt8]] {
        func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] { [UInt8(number << 3 | 2), UInt8(bytes.count)] + bytes }
        func text(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
        let float: [UInt8] = [0x15, 0, 0, 0x80, 0x3E]
        let head: [UInt8] = [9, 0, 0, 0, 0x40, 0xFC, 0x54, 0xD9, 0x41, 0x10, 7]
        let plugin = field(9, field(1, text(1, "scalars")))
        let tensor = field(8, [8, 1] + field(2, []) + field(5, [0, 0, 0x80, 0x3F]))
        let half = field(8, [8, 19, 0x6A, 1, 1])
        let strings = field(9, field(1, text(1, "text"))) + field(8, [8, 7] + text(8, "a line"))
        let params = field(
            9,
            field(
                1,
                text(1, "hparams")
                    + field(2, field(2, field(1, text(1, "lr") + field(2, [9] + [UInt8](repeating: 0, count: 8)))))))
        let events =
            [head + text(3, "brain.Event:2")]
            + [float, plugin + tensor, half, strings, params].map { head + field(5, field(1, text(1, "loss") + $0)) }
        let records = events.map { event in
            [UInt8(event.count)] + [UInt8](repeating: 0, count: 11) + event + [0, 0, 0, 0]
        }
        return [[1] + records.flatMap { $0 }] + records.map { [1] + $0 } + [[0] + records[1]]
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { Mending.events(&bytes) }
        let sink = CountingSink(size: bytes.count)
        var reader = EventFileReader(file: "events", into: sink)
        do { try reader.read(MemorySource(bytes)) } catch {}
        try sink.finish(end: reader.end)
    }
}
