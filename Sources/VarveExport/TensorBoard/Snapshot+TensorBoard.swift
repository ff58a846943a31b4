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
    /// Writes the points of a query as event files of TensorBoard: a folder for each run, and one for each context in it.
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
    private var tree: DirectoryTree
    private var names = DistinctNames()
    private(set) var report = ExportReport()

    /// So many runs' files are written at once; each has a small buffer.
    private static let runsAtOnce = 256

    init(_ snapshot: Snapshot, _ query: Query, _ numbers: TensorBoardNumbers, to directory: String) {
        self.snapshot = snapshot
        self.query = query
        self.numbers = numbers
        tree = DirectoryTree(directory)
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

    private struct Place: Hashable {
        var run: RunID
        var context: [MetricKey.ContextPair]
    }

    private mutating func write(
        _ runs: ArraySlice<RunInfo>, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        var query = query
        query.runs = runs.map(\.id)
        let wide = numbers == .exact ? try seriesBeyondFloats(query) : []
        var files: [Place: EventFile] = [:]
        var folders: [RunID: String] = [:]
        for run in runs {
            let name = run.name
            let folder = names.take(SafeName.path(name), else: run.id.description)
            folders[run.id] = folder
            report.rename(.run, name, folder)
            report.runs += 1
            let params = run.params.sorted { $0.key.precedesByBytes($1.key) }.map { (key: $0.key, value: $0.value) }
            guard !params.isEmpty else { continue }
            let file = try Self.file(in: folder, run, &tree)
            try file.sessionStart(params, seconds: WallTime.seconds(run.created))
            try file.sessionEnd(run.status, seconds: WallTime.seconds(run.ended ?? run.created))
            files[Place(run: run.id, context: [])] = file
        }
        var current: (run: RunID, metric: MetricKey, file: EventFile, scalars: EventFile.Scalars)?
        var (tree, names, rounded) = (tree, names, 0)
        var points = report.points
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            let isFirst = current?.run != view.run || current?.metric != view.metric
            if isFirst {
                let place = Place(run: view.run, context: view.metric.context)
                let file: EventFile
                if let known = files[place] {
                    file = known
                } else {
                    guard let run = snapshot.run(view.run), let folder = folders[view.run] else { return }
                    let context = view.metric.context
                    let inner = context.isEmpty ? folder : "\(folder)/\(Self.folder(of: context))"
                    let name = context.isEmpty ? inner : names.take(inner, else: run.id.description)
                    file = try Self.file(in: name, run, &tree)
                    files[place] = file
                }
                let isBeyond = wide.contains(Series(run: view.run, metric: view.metric))
                current = (
                    view.run, view.metric, file,
                    EventFile.Scalars(view.metric.name, as: isBeyond ? .double : .float)
                )
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
        // A run of which there is nothing else is there all the same.
        let shown = Set(files.keys.map(\.run))
        for run in runs where !shown.contains(run.id) {
            guard let folder = folders[run.id] else { continue }
            files[Place(run: run.id, context: [])] = try Self.file(in: folder, run, &tree)
        }
        (self.tree, self.names) = (tree, names)
        report.points = points
        report.rounded += rounded
        for file in files.values {
            try file.flush()
            report.files += 1
            report.bytes += file.count
        }
    }

    private static func file(
        in folder: String, _ run: RunInfo, _ tree: inout DirectoryTree
    ) throws(VarveError) -> EventFile {
        let created = WallTime.seconds(run.created)
        let path = try tree.path("\(folder)/events.out.tfevents.\(max(0, run.created / 1_000_000_000)).varve")
        return try EventFile(path, created: created)
    }

    /// `val` for what our importer, and many others, take for a part of the data; else `key=value,…`.
    private static func folder(of context: [MetricKey.ContextPair]) -> String {
        if context.count == 1, context[0].key == ContextRule.key,
            ContextRule.subset(context[0].value) == context[0].value
        {
            return context[0].value
        }
        return SafeName.component(context.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
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
