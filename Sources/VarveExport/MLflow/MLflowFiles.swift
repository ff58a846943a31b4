import Varve
import VarveFiles
import VarveImport

/// What is below a run's `artifacts` in a folder store of MLflow: the run's own artifacts under their names, and in the folder
/// `varve` what MLflow has no place for.
///
///     <name>                                   each artifact's last version
///     varve/versions/<version>/<name>          earlier ones
///     varve/records.jsonl                      all records, as `varve log` takes them
///     varve/records/<metric>/…/<step>.csv      matrices, and `<step>.report.csv` class reports
///     varve/text/<channel>.txt                 console output and other text
struct MLflowFiles {
    private let snapshot: Snapshot
    private let run: RunInfo
    private let folder: String
    private var paths = DistinctPaths()
    private(set) var tree: DirectoryTree
    private(set) var report: ExportReport

    /// A matrix of more classes is written by its cells.
    private static let mostColumns = 1_000

    /// - Parameter folder: of the run, below the root of `tree`.
    init(_ snapshot: Snapshot, _ run: RunInfo, in folder: String, _ tree: DirectoryTree, _ report: ExportReport) {
        self.snapshot = snapshot
        self.run = run
        self.folder = "\(folder)/artifacts"
        self.tree = tree
        self.report = report
    }

    /// A new file; what it is to be called is changed where that can't be.
    private mutating func file(_ name: String, limit: Int = 1 << 16) throws(VarveError) -> GrowingFile {
        GrowingFile(try tree.path("\(folder)/\(paths.take(SafeName.path(name)))"), limit: limit)
    }

    private mutating func end(_ file: GrowingFile) throws(VarveError) {
        try file.flush()
        report.files += 1
        report.bytes += file.count
    }

    // MARK: Artifacts

    /// Copies the contents of artifacts, each proved by its hash. One that is missing or damaged is left out and named.
    mutating func writeArtifacts(_ progress: (Progress) throws(VarveError) -> Void) throws(VarveError) {
        let artifacts = try snapshot.artifacts(of: run.id)
        let total = artifacts.reduce(0) { $0 + $1.size }
        // The last versions first: each gets its name whatever earlier ones are called.
        let latest = artifacts.latest
        let earlier = Set(artifacts).subtracting(latest)
        var done = 0
        for artifact in latest + artifacts.filter(earlier.contains) {
            let wanted = earlier.contains(artifact) ? Self.place(ofEarlier: artifact) : artifact.name
            let name = paths.take(SafeName.path(wanted))
            report.rename(.artifact, wanted, name)
            let file = GrowingFile(try tree.path("\(folder)/\(name)"))
            do throws(VarveError) {
                try snapshot.streamArtifact(artifact) { bytes throws(VarveError) in
                    try file.append(bytes)
                    done += bytes.count
                    try progress(Progress(unit: "bytes", done: done, total: max(done, total)))
                }
            } catch  where error.code == .damaged || error.code == .notFound {
                try file.remove()
                report.problems.append(.init(run: run.name, artifact: artifact.name, error: error))
                continue
            }
            try end(file)
            report.artifacts += 1
        }
    }

    /// Versions are counted, or named by whoever logged them, or not told apart but by their steps.
    private static func place(ofEarlier artifact: Artifact) -> String {
        let version = artifact.version.isEmpty ? artifact.step.map { "step \($0)" } ?? "" : artifact.version
        return "varve/versions/\(version)/\(artifact.name)"
    }

    // MARK: Records

    /// - Parameter query: whose metric, context and steps choose.
    mutating func writeRecords(_ query: Query) throws(VarveError) {
        var files = self
        var lines: GrowingFile?
        try snapshot.forEachRecord(of: run.id, in: query) { record throws(VarveError) in
            if lines == nil { lines = try files.file("varve/records.jsonl") }
            try lines?.append(Array((JSONValue.object(RecordLine.object(record)).text + "\n").utf8))
            try files.writeTable(record)
            files.report.records += 1
        }
        if let lines { try files.end(lines) }
        self = files
    }

    /// What has rows and columns also as CSV, which MLflow shows.
    private mutating func writeTable(_ record: Record) throws(VarveError) {
        let context = record.metric.context.map { $0.key == ContextRule.key ? $0.value : "\($0.key)=\($0.value)" }
        let place = (["varve/records", record.metric.name] + context).joined(separator: "/")
        let name = "\(place)/\(record.step.map { "step \($0)" } ?? "no step")"
        switch record.content {
        case .histogram: return
        case .classReport(let report): try write(ReportText.lines(report), as: "\(name).report.csv")
        case .confusionMatrix(let matrix):
            if matrix.labels.count <= Self.mostColumns {
                try write(ReportText.lines(matrix), as: "\(name).csv")
            } else {
                try write(ReportText.cellLines(matrix), as: "\(name).cells.csv")
            }
            try write(ReportText.lines(ClassReport(matrix)), as: "\(name).report.csv")
        }
    }

    private mutating func write(_ lines: some Sequence<String>, as name: String) throws(VarveError) {
        let file = try file(name)
        for line in lines { try file.append(Array(line.utf8)) }
        try end(file)
    }

    // MARK: Text

    private struct Channel: Hashable {
        var name: ExactText
        var rank: Int?
    }

    /// A file each channel, and each rank that has one, with the text alone.
    mutating func writeText() throws(VarveError) {
        var files = self
        // There may be many: each keeps little.
        var channels: [Channel: GrowingFile] = [:]
        try snapshot.forEachLine(of: run.id) { line throws(VarveError) in
            let channel = Channel(name: ExactText(line.channel), rank: line.rank)
            let rank = line.rank.map { ".\($0)" } ?? ""
            if channels[channel] == nil {
                channels[channel] = try files.file("varve/text/\(line.channel)\(rank).txt", limit: 1 << 13)
            }
            try channels[channel]?.append(Array((line.text.hasSuffix("\n") ? line.text : line.text + "\n").utf8))
            files.report.lines += 1
        }
        for file in channels.values { try files.end(file) }
        self = files
    }
}
