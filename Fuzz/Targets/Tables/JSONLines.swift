import Varve
import VarveImport

/// JSON Lines of any shape.
struct JSONLines: FuzzTarget {
    static var words: [String] {
        [
            "\"step\":", "\"time\":", "\"run\":", "\"metric\":", "\"context\":{", "\"value\":", "\"properties\":{",
            "}\n{", "NaN", "null",
        ]
    }

    static func seeds() -> [[UInt8]] {
        [
            "{\"step\": 1, \"loss\": 0.25, \"val\": {\"loss\": 1}}\n{\"step\": 2, \"loss\": \"NaN\"}\n",
            "{\"run\":\"r\",\"metric\":\"loss\",\"context\":{\"subset\":\"val\"},\"step\":1,\"time\":null,\"value\":0.25}\n",
            "{\"run\":\"r\",\"properties\":{\"params.lr\":0.1}}\n[1]\n\n{\"a\":",
            "{\"t\": 1700000000.5, \"x\": 9007199254740993}",
        ].map { [0] + Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        let sink = CountingSink(size: bytes.count)
        let options = TableOptions(step: first & 1 == 0 ? nil : "step", time: first & 2 == 0 ? nil : "t")
        var end = 0
        do {
            var table = try JSONLinesImport(file: "table.jsonl", options: options) { _ in sink }
            try table.read(MemorySource(bytes))
            end = table.end
        } catch {}
        try sink.finish(end: end)
    }
}
