import Varve
import VarveImport

/// Turns batches of points into lines of CSV or JSON. One thread at a time has it.
final class LineEncoder {
    private let formatter: PointFormatter
    /// What runs are called; those that aren't among them by their IDs.
    private let names: [RunID: String]

    init(_ format: ExportFormat, names: [RunID: String], withAttempts: Bool) {
        formatter = PointFormatter(format, withAttempts: withAttempts)
        self.names = names
    }

    func encode(_ batch: PointBatch) -> [UInt8] {
        var start = 0
        for piece in batch.pieces {
            formatter.begin(
                run: names[piece.run] ?? piece.run.description, metric: piece.metric, attempt: piece.attempt)
            formatter.append(batch, start..<(start + piece.count))
            start += piece.count
        }
        return formatter.take()
    }

    /// The line of JSON that stands for a run and its properties.
    static func line(of run: RunInfo) -> [UInt8] {
        var properties = run.properties.sorted { $0.key.precedesByBytes($1.key) }.map { (key: $0.key, value: $0.value) }
        properties.removeAll { $0.key.beginsWithBytes(of: ImportHistory.prefix) || $0.key == "status" }
        if run.status == .failed { properties.append(("status", .string(run.status.rawValue))) }
        var bytes: [UInt8] = []
        RunLine(run: run.id.description, properties: properties).object.write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The runs' names, if no two are the same and none is empty; else nothing.
    static func distinctNames(_ runs: [RunInfo]) -> [RunID: String] {
        let names = runs.map(\.name)
        guard Set(names).count == names.count, !names.contains("") else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(runs.map(\.id), names))
    }
}
