import Varve
import VarveImport

/// How TensorBoard's event files hold values.
public enum TensorBoardNumbers: String, Hashable, Sendable, CaseIterable {
    /// All in 32 bits, rounded, as TensorBoard's own writers do (`simple_value`).
    case float32
    /// The same for a series whose values all are exact in 32 bits, and tensors of 64 bits for any other. TensorBoard shows these
    /// only with `--load_fast=false`: its quick data server knows no doubles.
    case exact
}

extension Snapshot {
    /// Writes the runs of a query as event files of TensorBoard: a folder for each run, and one for each context in it. Points are
    /// scalars; what TensorBoard has a place for beside them (histograms, tables, texts, pictures) goes there, too.
    ///
    /// Docs/Export.md says how folders are called, and what event files can't hold.
    /// - Parameters:
    ///   - directory: a new or empty one; it has everything once this returns, and nothing before.
    ///   - progress: told of points now and then; what it throws ends the export.
    public func exportTensorBoard(
        _ query: Query, to directory: String, numbers: TensorBoardNumbers = .float32,
        progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> ExportReport {
        let staged = try StagedOutput(directory, isDirectory: true)
        var export = TensorBoardExport(self, query, numbers, to: staged.path)
        try export.run(progress)
        try staged.publish()
        return export.report
    }
}

/// An export under way.
private struct TensorBoardExport {
    private let snapshot: Snapshot
    private let query: Query
    private let numbers: TensorBoardNumbers
    private let folders: EventFolders
    private(set) var report = ExportReport()

    /// So many runs' files are written at once; each has a small buffer.
    private static let runsAtOnce = 256

    init(_ snapshot: Snapshot, _ query: Query, _ numbers: TensorBoardNumbers, to directory: String) {
        self.snapshot = snapshot
        self.query = query
        self.numbers = numbers
        folders = EventFolders(directory)
    }

    mutating func run(_ progress: (Progress) throws(VarveError) -> Void) throws(VarveError) {
        let runs = snapshot.runs(of: query)
        var next = 0
        while next < runs.count {
            let end = min(runs.count, next + Self.runsAtOnce)
            try write(runs[next..<end], progress)
            next = end
        }
    }

    private mutating func write(
        _ runs: ArraySlice<RunInfo>, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        var query = query
        query.runs = runs.map(\.id)
        for run in runs {
            report.rename(.run, run.name, folders.begin(run))
            report.runs += 1
            let params = run.params.sorted { $0.key.precedesByBytes($1.key) }.map { (key: $0.key, value: $0.value) }
            guard !params.isEmpty, let file = try folders.file(of: run.id, []) else { continue }
            try file.sessionStart(params, seconds: WallTime.seconds(run.created))
            try file.sessionEnd(run.status, seconds: WallTime.seconds(run.ended ?? run.created))
        }
        try writeScalars(query, progress)
        var beside = TensorBoardBeside(snapshot, folders, report)
        for run in runs {
            try beside.writeRecords(of: run, query)
            try beside.writeText(of: run)
            try beside.writePictures(of: run)
            try progress(Progress(unit: "points", done: report.points, total: nil))
        }
        report = beside.report
        try folders.end(&report)
    }

    private mutating func writeScalars(
        _ query: Query, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        let wide = numbers == .exact ? try seriesBeyondFloats(query) : []
        var current: (run: RunID, metric: MetricKey, file: EventFile, scalars: EventFile.Scalars)?
        let folders = folders
        var (points, rounded) = (report.points, 0)
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            let isFirst = current?.run != view.run || current?.metric != view.metric
            if isFirst {
                let metric = view.metric
                guard let file = try folders.file(of: view.run, metric.context) else { return }
                let isBeyond = wide.contains(Series(run: view.run, metric: metric))
                let tag = file.take(metric.name, else: "scalar")
                current = (view.run, metric, file, EventFile.Scalars(tag, as: isBeyond ? .double : .float))
            }
            guard let (_, _, file, scalars) = current else { return }
            for i in 0..<view.count {
                let (step, time, value) = (view.steps[i], view.times[i], view.values[i])
                if scalars.number == .float, !Self.isFloat(value) { rounded += 1 }
                try file.append(
                    scalars, step: Int64(step), seconds: time == WallTime.none ? 0 : WallTime.seconds(time), value,
                    isFirst: isFirst && i == 0)
            }
            points += view.count
            try progress(Progress(unit: "points", done: points, total: nil))
        }
        report.points = points
        report.rounded += rounded
    }

    // MARK: Numbers

    private struct Series: Hashable {
        var run: RunID
        var metric: MetricKey
    }

    /// The series that have a value which 32 bits can't hold.
    private func seriesBeyondFloats(_ query: Query) throws(VarveError) -> Set<Series> {
        var query = query
        query.columns = .values
        var found: Set<Series> = []
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            for i in 0..<view.count where !Self.isFloat(view.values[i]) {
                found.insert(Series(run: view.run, metric: view.metric))
                return
            }
        }
        return found
    }

    private static func isFloat(_ value: Double) -> Bool { Double(Float(value)).bitPattern == value.bitPattern }
}
