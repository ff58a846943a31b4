import Varve
import VarveFiles
import VarveFormat

/// A workload that `Benchmarks/peers/gen.py` wrote, from which every peer is fed. The layout stands there.
package struct PeerWorkload: Sendable {
    /// What the file is called, without its ending.
    package let name: String
    package let runs: Int
    package let metrics: [MetricKey]
    /// Which metrics are logged together, at the same steps.
    package let groups: [[Int]]
    /// Points a series.
    package let pointsPerSeries: Int
    private let path: String

    package var points: Int { runs * metrics.count * pointsPerSeries }

    private static let headerBytes = 64
    private static let seriesHeaderBytes = 24
    private static let contexts = [[:], ["subset": "train"], ["subset": "val"], ["subset": "test"]]

    /// - Parameter path: of the `.bin` file; the `.json` file with the names of the metrics stands beside it.
    package init(_ path: String) throws {
        guard path.hasSuffix(".bin") else { throw WrongResult(description: "\(path) isn't a .bin file") }
        self.path = path
        let stem = String(path.dropLast(4))
        name = stem.split(separator: "/").last.map(String.init) ?? stem
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        let header = try file.read(upTo: Self.headerBytes, at: 0)
        guard header.count == Self.headerBytes, header.starts(with: "MLPOINTS".utf8) else {
            throw WrongResult(description: "\(path) isn't a workload")
        }
        func field(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reversed().reduce(0) { $0 << 8 | Int(header[offset + $1]) }
        }
        runs = field(12, 4)
        pointsPerSeries = field(40, 4)
        let description = try JSONValue(parsing: RealFileSystem().readAll(stem + ".json", cap: 1 << 20))
        var metrics: [MetricKey] = []
        var groups: [(spacing: String, metrics: [Int])] = []
        for metric in description["metrics"]?.arrayValue ?? [] {
            guard let name = metric["name"]?.stringValue, let spacing = metric["steps"]?.stringValue,
                let context = metric["context"]?.intValue, Self.contexts.indices.contains(Int(context))
            else { throw WrongResult(description: "\(stem).json describes a metric wrongly") }
            if let known = groups.firstIndex(where: { $0.spacing == spacing }) {
                groups[known].metrics.append(metrics.count)
            } else {
                groups.append((spacing, [metrics.count]))
            }
            metrics.append(MetricKey(name, context: Self.contexts[Int(context)]))
        }
        guard metrics.count == field(16, 4) else {
            throw WrongResult(description: "\(stem).json and \(path) differ in the number of metrics")
        }
        self.metrics = metrics
        self.groups = groups.map(\.metrics)
    }

    /// The columns of one series.
    package struct Columns: Sendable {
        package var steps: [Int]
        /// Nanoseconds since 1970.
        package var times: [Int64]
        package var values: [Double]
    }

    /// The columns of all series of a run, by metric.
    package func columns(run: Int) throws -> [Columns] {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        let n = pointsPerSeries
        let seriesBytes = Self.seriesHeaderBytes + 24 * n
        return try metrics.indices.map { metric in
            let start = Self.headerBytes + (run * metrics.count + metric) * seriesBytes + Self.seriesHeaderBytes
            let bytes = try file.read(upTo: 24 * n, at: start)
            guard bytes.count == 24 * n else { throw WrongResult(description: "\(path) ends too early") }
            return bytes.withUnsafeBytes { bytes in
                func column<T>(_ index: Int, as type: T.Type) -> [T] {
                    (0..<n).map { bytes.loadUnaligned(fromByteOffset: (index * n + $0) * 8, as: type) }
                }
                return Columns(
                    steps: column(0, as: Int.self), times: column(1, as: Int64.self), values: column(2, as: Double.self)
                )
            }
        }
    }

    /// The name that a run is logged under.
    package static func name(ofRun run: Int) -> String {
        let digits = String(run)
        return "run-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// The ID that a run is logged under: known beforehand, as the other peers know their runs by number.
    package static func id(ofRun run: Int) -> RunID {
        RunID(UniqueID(milliseconds: 1_760_000_000_000 + UInt64(run), random: (0, UInt64(run))))
    }
}
