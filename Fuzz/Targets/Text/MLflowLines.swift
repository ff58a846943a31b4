import Varve
import VarveImport

/// Metric files of MLflow's folder store: every line is a point or is named.
struct MLflowLines: FuzzTarget {
    static var words: [String] {
        ["1700000000000 ", " nan ", " -inf ", " 1.7976931348623157e+308 ", "\r\n", " 7\n", " 1e9"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "1700000000000 0.5 1\n1700000000001 nan 2\n1700000000002 -inf -3\n", "1530000000 0.5\n1530000001 0.25\n",
            "1700000000000 1.7976931348623157e+308 1 data 0abc\n\nx y z\n1700000000000 1",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let sink = CountingSink(size: input.count)
        try MLflowMetricLines(file: "loss", metric: "loss", into: sink).read(MemorySource(input))
        let lines = input.count { $0 == 0x0A || $0 == 0x0D } + 1
        try demand(
            sink.points + sink.problems <= lines,
            "\(sink.points) points and \(sink.problems) problems in \(lines) lines")
        try sink.finish(end: input.count)
    }
}
