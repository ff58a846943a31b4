import Glibc
import Varve
import VarveFiles
import VarveImport

extension Snapshot {
    /// Writes the runs of a query as a folder store of MLflow: `<experiment>/<run>/{meta.yaml,params,tags,metrics,artifacts}`.
    ///
    /// Docs/Export.md says what stands where, and what MLflow can't hold.
    /// - Parameters:
    ///   - directory: a new or empty one; it has everything once this returns, and nothing before.
    ///   - experiment: the name of the experiment that the runs are in.
    ///   - withArtifacts: whether the contents of artifacts are copied.
    ///   - progress: told of points and bytes now and then; what it throws ends the export.
    public func exportMLflow(
        _ query: Query, to directory: String, experiment: String, withArtifacts: Bool = true,
        progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> ExportReport {
        let staged = try StagedOutput(directory, isDirectory: true)
        var export = MLflowExport(self, query, experiment: experiment, staged)
        try export.writeRuns()
        try export.writeFiles(withArtifacts: withArtifacts, progress)
        try export.writeMetrics(progress)
        try staged.publish()
        return export.report
    }
}

/// An export under way.
private struct MLflowExport {
    private let snapshot: Snapshot
    private let query: Query
    private let experiment: String
    private let experimentID: String
    private let location: String
    private var tree: DirectoryTree
    private let runs: [RunInfo]
    private(set) var report = ExportReport()

    init(_ snapshot: Snapshot, _ query: Query, experiment: String, _ staged: StagedOutput) {
        self.snapshot = snapshot
        self.query = query
        self.experiment = experiment
        runs = snapshot.runs(of: query)
        // MLflow's own IDs are of 18 digits.
        let digits = String(XXHash64.hash(Array(experiment.utf8)) % 900_000_000_000_000_000 + 100_000_000_000_000_000)
        experimentID = digits
        tree = DirectoryTree(staged.path)
        location = Self.absolute(staged.final)
    }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return Paths.join(String(cString: here), path)
    }

    private static func folder(_ run: RunID) -> String { run.description.filter { $0 != "-" } }

    private mutating func write(_ name: String, _ text: String) throws(VarveError) {
        let file = GrowingFile(try tree.path(name))
        try file.append(Array(text.utf8))
        try file.flush()
        report.files += 1
        report.bytes += file.count
    }

    // MARK: Runs

    mutating func writeRuns() throws(VarveError) {
        let created = runs.map(\.created).min() ?? 0
        try write(
            "\(experimentID)/meta.yaml",
            YAMLLines.text([
                ("artifact_location", .string("file://\(location)/\(experimentID)")),
                ("creation_time", .int(Self.milliseconds(created))), ("experiment_id", .string(experimentID)),
                ("last_update_time", .int(Self.milliseconds(created))), ("lifecycle_stage", .string("active")),
                ("name", .string(experiment)),
            ]))
        for run in runs { try write(run) }
    }

    private mutating func write(_ run: RunInfo) throws(VarveError) {
        let id = Self.folder(run.id)
        let folder = "\(experimentID)/\(id)"
        let isOpen = run.status == .running || run.status == .silent
        let status: Int64 =
            switch run.status {
            case .running, .silent: 1
            case .finished: 3
            case .failed: 4
            case .killed: 5
            }
        try write(
            "\(folder)/meta.yaml",
            YAMLLines.text([
                ("artifact_uri", .string("file://\(location)/\(folder)/artifacts")),
                ("end_time", isOpen ? .null : (run.ended.map { .int(Self.milliseconds($0)) } ?? .null)),
                ("entry_point_name", .string("")), ("experiment_id", .string(experimentID)),
                ("lifecycle_stage", .string("active")), ("run_id", .string(id)), ("run_name", .string(run.name)),
                ("run_uuid", .string(id)), ("source_name", .string("")), ("source_type", .int(4)),
                ("source_version", .string("")), ("start_time", .int(Self.milliseconds(run.created))),
                ("status", .int(status)), ("tags", .array([])), ("user_id", .string("")),
            ]))
        // A folder without these is no run to MLflow.
        for part in ["artifacts", "metrics", "params", "tags"] { try tree.make(directory: "\(folder)/\(part)") }
        var params = MLflowNames()
        for (key, value) in run.params.sorted(by: { $0.key.precedesByBytes($1.key) }) {
            let name = params.take(key)
            report.rename(.param, key, name)
            try write("\(folder)/params/\(name)", Self.text(value))
        }
        var tags = MLflowNames()
        for (key, value) in self.tags(run) {
            let name = tags.take(key)
            report.rename(.tag, key, name)
            try write("\(folder)/tags/\(name)", Self.text(value))
        }
        report.runs += 1
    }

    /// The name and the note where MLflow looks for them, the ID here, and all properties that are no params.
    private func tags(_ run: RunInfo) -> [(key: String, value: PropertyValue)] {
        var tags: [(key: String, value: PropertyValue)] = [
            ("mlflow.runName", .string(run.name)), ("varve.run", .string(run.id.description)),
        ]
        // MLflow shows a fork below its source.
        if let source = run.forkedFrom, runs.contains(where: { $0.id == source }) {
            tags.append(("mlflow.parentRunId", .string(Self.folder(source))))
        }
        for (key, theirs) in Self.wellKnown {
            if let value = run.properties[key] { tags.append((theirs, value)) }
        }
        for (key, value) in run.properties.sorted(by: { $0.key.precedesByBytes($1.key) }) {
            if key == "name" || key == "status" || key.beginsWithBytes(of: "params.")
                || key.beginsWithBytes(of: ImportHistory.prefix)
            {
                continue
            }
            let isTag = key.beginsWithBytes(of: "tags.")
            tags.append((key == "note" ? "mlflow.note.content" : isTag ? key.droppingBytes(5) : key, value))
        }
        return tags
    }

    /// What `varve exec` notes, and where MLflow looks for it.
    private static let wellKnown = [
        ("process.command", "mlflow.source.name"), ("process.user", "mlflow.user"),
        ("process.git.commit", "mlflow.source.git.commit"), ("process.git.branch", "mlflow.source.git.branch"),
    ]

    /// As Python's `str` writes it, which is how MLflow keeps all values.
    private static func text(_ value: PropertyValue) -> String {
        switch value {
        case .absent, .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): "\(number)"
        case .double(let number): number.isFinite ? "\(number)" : number.isNaN ? "nan" : number > 0 ? "inf" : "-inf"
        case .string(let text), .json(let text): text
        }
    }

    private static func milliseconds(_ time: Int64) -> Int64 {
        let (whole, rest) = time.quotientAndRemainder(dividingBy: 1_000_000)
        return rest < 0 ? whole - 1 : whole
    }

    // MARK: Files

    mutating func writeFiles(
        withArtifacts: Bool, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        for run in runs {
            var files = MLflowFiles(snapshot, run, in: "\(experimentID)/\(Self.folder(run.id))", tree, report)
            if withArtifacts { try files.writeArtifacts(progress) }
            try files.writeRecords(query)
            try files.writeText()
            (tree, report) = (files.tree, files.report)
        }
    }

    // MARK: Metrics

    /// A file a series, a line a point: milliseconds, value, step.
    mutating func writeMetrics(_ progress: (Progress) throws(VarveError) -> Void) throws(VarveError) {
        var names = MLflowNames()
        var known: [MetricKey: String] = [:]
        var current: (run: RunID, metric: MetricKey, file: GrowingFile)?
        var (tree, report) = (tree, report)
        let buffer = TextBuffer()
        func close() throws(VarveError) {
            guard let last = current else { return }
            current = nil
            try last.file.flush()
            report.files += 1
            report.bytes += last.file.count
        }
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            if current?.run != view.run || current?.metric != view.metric {
                try close()
                let name: String
                if let old = known[view.metric] {
                    name = old
                } else {
                    let plain = Self.name(view.metric)
                    name = names.take(plain)
                    known[view.metric] = name
                    report.rename(.metric, plain, name)
                }
                let path = try tree.path("\(experimentID)/\(Self.folder(view.run))/metrics/\(name)")
                current = (view.run, view.metric, GrowingFile(path))
            }
            for i in 0..<view.count {
                let (step, time, value) = (view.steps[i], view.times[i], view.values[i])
                let stamp = time == WallTime.none ? 0 : Self.milliseconds(time)
                if value.isNaN, value.bitPattern != Double.nan.bitPattern { report.rounded += 1 }
                buffer.append(room: 2 * 32 + DecimalText.room) { line in
                    var text = line
                    text += DecimalText.write(stamp, to: text)
                    text[0] = UInt8(ascii: " ")
                    text += 1
                    text += Self.write(value, to: text)
                    text[0] = UInt8(ascii: " ")
                    text += 1
                    text += DecimalText.write(Int64(step), to: text)
                    text[0] = UInt8(ascii: "\n")
                    return text + 1 - line
                }
                if buffer.count >= 1 << 15 { try current?.file.append(buffer.take()) }
            }
            try current?.file.append(buffer.take())
            report.points += view.count
            try progress(Progress(unit: "points", done: report.points, total: nil))
        }
        try close()
        (self.tree, self.report) = (tree, report)
    }

    private static func write(_ value: Double, to text: UnsafeMutablePointer<UInt8>) -> Int {
        if value.isFinite { return DecimalText.write(value, to: text) }
        let word: StaticString = value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"
        text.update(from: word.utf8Start, count: word.utf8CodeUnitCount)
        return word.utf8CodeUnitCount
    }

    /// A metric's name with its context, of which MLflow has none: `val/loss` for the subset `val`, else `loss/key=value`.
    private static func name(_ metric: MetricKey) -> String {
        if metric.context.isEmpty { return metric.name }
        if metric.context.count == 1, metric.context[0].key == ContextRule.key,
            ContextRule.subset(metric.context[0].value) == metric.context[0].value
        {
            return "\(metric.context[0].value)/\(metric.name)"
        }
        return ([metric.name] + metric.context.map { "\($0.key).\($0.value)" }).joined(separator: "/")
    }
}
