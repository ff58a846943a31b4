import Varve
import VarveExport
import VarveImport

/// Writes points in one of the formats, chunk by chunk. What comes by the million (TSV, CSV, JSONL) is written as bytes;
/// tables, JSON and Markdown go through ``ListWriter``.
final class PointWriter {
    private enum Form {
        case list(ListWriter)
        /// The exporters' lines.
        case lines(PointFormatter)
        case tsv(PointFormatter)
    }

    private let output: OutputStream
    private var form: Form
    /// Written before the first point: who finds nothing gets nothing.
    private var header = ""
    private let withAttempts: Bool
    private let runs: () -> [RunInfo]
    /// What people see of a run.
    private lazy var labels = RunLabels(runs())

    /// - Parameters:
    ///   - withAttempts: whether a last column says which attempt logged a point.
    ///   - runs: All runs, for their names; asked for only where names are shown.
    init(
        _ output: OutputStream, format: ListFormat?, withAttempts: Bool = false,
        runs: @autoclosure @escaping () -> [RunInfo]
    ) throws {
        self.output = output
        self.withAttempts = withAttempts
        self.runs = runs
        switch format ?? .standard(for: output.terminal) {
        case .jsonl: form = .lines(PointFormatter(.jsonl, withAttempts: withAttempts))
        case .csv:
            let formatter = PointFormatter(.csv, withAttempts: withAttempts)
            form = .lines(formatter)
            header = String(decoding: formatter.header, as: UTF8.self)
        case .tsv:
            let formatter = PointFormatter(form: .tsv, withAttempts: withAttempts)
            form = .tsv(formatter)
            header = String(decoding: formatter.header, as: UTF8.self)
        case let format:
            var columns = [
                Column("run"), Column("metric"), Column("context"), Column("step", numeric: true),
                Column("time", optional: true), Column("value", numeric: true),
            ]
            if withAttempts { columns.append(Column(PointColumns.attempt, numeric: true)) }
            form = .list(try ListWriter(output, format: format, columns: columns))
        }
    }

    func write(_ chunk: SeriesChunk) throws {
        try output.write(header)
        header = ""
        let metric = output.terminal.isInteractive ? chunk.metric.harmless : chunk.metric
        switch form {
        case .list(let list): try write(chunk, to: list)
        case .lines(let formatter):
            formatter.begin(run: chunk.run.description, metric: metric, attempt: chunk.attempt)
            try formatter.write(chunk) { try output.append($0) }
        case .tsv(let formatter):
            let fields = [chunk.run.description, metric.name, PointColumns.text(metric.context)]
            formatter.begin(head: fields.map { RowForm.tsv($0) + "\t" }.joined(), attempt: chunk.attempt)
            try formatter.write(chunk) { try output.append($0) }
        }
    }

    /// Must be called after the last chunk.
    func end() throws {
        switch form {
        case .list(let list): try list.end()
        case .lines(let formatter), .tsv(let formatter): try output.append(formatter.take())
        }
        try output.flush()
    }

    private func write(_ chunk: SeriesChunk, to list: ListWriter) throws {
        let run = Cell.text(chunk.run.description, shown: labels[chunk.run])
        let metric = Cell.text(chunk.metric.name)
        let context = Cell.context(chunk.metric)
        let attempt = withAttempts ? [chunk.attempt.map { Cell.step($0) } ?? .missing] : []
        for index in 0..<chunk.count {
            try list.row(
                [
                    run, metric, context, .step(chunk.steps[index]), .time(chunk.times[index]),
                    .number(chunk.values[index]),
                ] + attempt)
        }
    }
}

/// Runs as people see them: by name, or by the beginning of the ID where several have that name, which then says nothing.
private struct RunLabels {
    private let names: [RunID: String]
    private let ids: ShortIDs

    init(_ runs: [RunInfo]) {
        ids = ShortIDs(runs.map(\.id))
        let owners = Dictionary(grouping: runs, by: \.name)
        names = Dictionary(
            runs.filter { owners[$0.name]?.count == 1 }.map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
    }

    subscript(run: RunID) -> String { names[run] ?? ids[run] }
}

extension MetricKey {
    /// As a terminal may get it.
    fileprivate var harmless: MetricKey {
        var pairs: [String: String] = [:]
        for pair in context { pairs[HumanText.harmless(pair.key)] = HumanText.harmless(pair.value) }
        return MetricKey(HumanText.harmless(name), context: pairs)
    }
}
