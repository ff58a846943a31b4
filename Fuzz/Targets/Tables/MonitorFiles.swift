import Varve
import VarveImport

/// Monitor files of Stable-Baselines3. What is read in two goes is as many points as at once.
struct MonitorFiles: FuzzTarget {
    static var words: [String] {
        ["#{\"t_start\": 1700000000.5, \"env_id\": \"x\"}\n", "r,l,t\n", ",", "\n", "1e300", "9223372036854775807"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "#{\"t_start\": 1700000000.25, \"env_id\": \"CartPole-v1\"}\nr,l,t\n10.0,10,0.5\n7.0,7,1.25\n",
            "#{\"t_start\": 1}\nl\n9223372036854775807\n1\n", "#{}\nr,l,t\n1,x\n\"\n",
        ].map { [40] + Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        let whole = CountingSink(size: bytes.count)
        var reader = MonitorReader(file: "monitor.csv", into: whole)
        try reader.read(MemorySource(bytes))
        try whole.finish(end: reader.end)
        // A cut behind a line end: before one, a row may turn out to be the beginning of another.
        let half = min(Int(first), bytes.count)
        guard half > 0, bytes[half - 1] == 0x0A, !bytes.contains(UInt8(ascii: "\"")) else { return }
        let parts = CountingSink(size: bytes.count)
        let source = MemorySource(Array(bytes[..<half]))
        var again = MonitorReader(file: "monitor.csv", into: parts)
        try again.read(source)
        source.bytes = bytes
        try again.read(source)
        try demand(parts.points == whole.points, "\(parts.points) points in two goes, \(whole.points) in one")
    }
}
