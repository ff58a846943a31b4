import Varve
import VarveImport

/// CSV and TSV tables of any shape. What is read whole is read in two parts to as many points.
struct CSVTables: FuzzTarget {
    static var words: [String] {
        [
            "step", "time", "run", "epoch", "\"\"", "\"", "\r\n", "nan", "-inf", "1e9",
            "run,metric,context,step,time,value", "0,5", "1,234.5", "91.2%", "12.5s", "3/100", "N/A", "  ",
        ]
    }

    static func seeds() -> [[UInt8]] {
        [
            "step,loss,\"val,loss\"\n0,0.8,nan\n1,0.4,\"1\"\n", "epoch\tx\r\n1\t2\r\n\"a\"\"b\"\t3", "a;b\n1;2\n",
            "run,metric,context,step,time,value\nr,loss,subset=val,1,2026-11-23T10:00:00Z,0.25\n",
            "\u{FEFF}x\n1\n\n2\n",
            "epoch;a;b\n1/2;0,5;91,2 %\n2/2;1.234,5;-\n", "  step   loss  t\n   1   0.5  12ms\n   2   nan  13ms\n",
        ].map { [0] + Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        let sink = CountingSink(size: bytes.count)
        let separators: [UInt8?] = [nil, UInt8(ascii: ";"), UInt8(ascii: "\t")]
        let options = TableOptions(
            step: first & 4 == 0 ? nil : "step", run: first & 8 == 0 ? nil : "run",
            separator: separators[Int(first & 3) % 3])
        var end = 0
        do {
            var table = try CSVImport(file: "table.csv", options: options) { _ in sink }
            try table.read(MemorySource(bytes))
            end = table.end
        } catch {}
        try sink.finish(end: end)
    }
}
