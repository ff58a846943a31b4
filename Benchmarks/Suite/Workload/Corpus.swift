import Varve
import VarveFiles
import VarveFormat

/// A workload that was logged into a repository of its own, through the front door, with what it must read as.
final class Corpus {
    let workload: Workload
    let repository: Repository
    /// Of all points.
    let hash: PointHash
    let words: WordSum
    /// The columns as plain arrays in one file: the floor of every way of reading.
    let raw: RawFile
    private var isCompacted = false

    init(_ workload: Workload, _ context: BenchContext) throws {
        self.workload = workload
        repository = try context.newRepository("workload-\(workload.name)")
        let raw = try RawFile(context.newPath("raw"), workload)
        var hash = PointHash()
        var words = WordSum()
        for index in 0..<workload.runs {
            let columns = RunColumns(workload, run: index)
            try Self.log(columns, workload, run: index, to: repository)
            try raw.write(columns, run: index)
            for (m, shape) in workload.metrics.enumerated() {
                let series = PointHash.series(run: Workload.runName(index), shape.metric)
                let steps = columns.steps[shape.spacing.rawValue]
                let times = columns.times[shape.spacing.rawValue]
                let values = columns.values[m]
                for i in values.indices {
                    hash.add(series: series, step: steps[i], time: times[i], value: values[i].bitPattern)
                }
                words.add(steps: steps, times: times, values: values)
            }
        }
        self.hash = hash
        self.words = words
        self.raw = raw
    }

    /// Logs a run as a training does: row by row, the metrics of a step together.
    static func log(
        _ columns: RunColumns, _ workload: Workload, run index: Int, to repository: Repository
    ) throws {
        var options = RunOptions()
        options.sync = .none
        options.compaction = .never
        let run = try repository.startRun(
            name: Workload.runName(index),
            params: ["seed": .int(Int64(index)), "lr": .double(0.001 * Double(index + 1))],
            options: options)
        var rows: [(spacing: Workload.Spacing, metrics: [Int], row: [(Series, Double)])] = []
        for spacing in Workload.Spacing.allCases {
            let metrics = workload.metrics.indices.filter { workload.metrics[$0].spacing == spacing }
            var row: [(Series, Double)] = []
            for m in metrics { row.append((try run.series(for: workload.metrics[m].metric), 0)) }
            if !metrics.isEmpty { rows.append((spacing, metrics, row)) }
        }
        for i in 0..<workload.pointsPerSeries {
            for r in rows.indices {
                let spacing = rows[r].spacing.rawValue
                for (k, m) in rows[r].metrics.enumerated() { rows[r].row[k].1 = columns.values[m][i] }
                run.log(step: Int(columns.steps[spacing][i]), time: columns.times[spacing][i], rows[r].row)
            }
        }
        try run.finish()
    }

    /// Builds the index, unless it is there.
    func compact() throws {
        guard !isCompacted else { return }
        _ = try repository.compact()
        isCompacted = true
    }

    /// The index was built elsewhere.
    func noteCompacted() { isCompacted = true }

    /// Removes the index.
    func removeIndex() throws {
        FileTree.remove(repository.paths.index)
        try RealFileSystem().makeDirectory(repository.paths.index)
        isCompacted = false
    }

    /// What everything in a repository hashes to.
    static func read(_ repository: Repository, times: Bool = true) throws -> PointHash {
        let snapshot = try repository.snapshot()
        let names = snapshot.namesOfRuns
        let reader = try snapshot.series(Query())
        var hash = PointHash()
        while let chunk = try reader.next() { hash.add(chunk, run: names[chunk.run] ?? "?", times: times) }
        return hash
    }

    /// Proves that the repository gives back what was logged, all of it.
    @discardableResult
    func check(_ what: String) throws -> UInt64 {
        let found = try Self.read(repository)
        guard found == hash else {
            throw WrongResult(
                description: "\(what) of workload \(workload.name): \(found.points) points of hash \(found.sum), "
                    + "but \(hash.points) points of hash \(hash.sum) were logged")
        }
        return found.sum
    }
}

extension Run {
    /// The handle of a metric that has a context.
    func series(for metric: MetricKey) throws(VarveError) -> Series {
        var context: [String: String] = [:]
        for pair in metric.context { context[pair.key] = pair.value }
        return try series(metric.name, context: context)
    }
}

extension Snapshot {
    var namesOfRuns: [RunID: String] {
        var names: [RunID: String] = [:]
        for run in runs { names[run.id] = run.name }
        return names
    }
}
