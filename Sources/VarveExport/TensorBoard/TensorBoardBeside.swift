import Varve
import VarveImport

/// What runs have beside points and TensorBoard has a place for: histograms, matrices and class reports as tables, text that was
/// logged at a step, notes, and artifacts that are pictures.
struct TensorBoardBeside {
    private let snapshot: Snapshot
    private let folders: EventFolders
    private(set) var report: ExportReport

    /// Larger tables, and larger pictures, make a page that no browser shows.
    private static let mostColumns = 64
    private static let mostRows = 1_000
    private static let mostPictureBytes = 16 << 20

    init(_ snapshot: Snapshot, _ folders: EventFolders, _ report: ExportReport) {
        self.snapshot = snapshot
        self.folders = folders
        self.report = report
    }

    // MARK: Records

    private struct Tag: Hashable {
        var metric: MetricKey
        var plugin: String
    }

    /// - Parameter query: whose metric, context and steps choose.
    mutating func writeRecords(of run: RunInfo, _ query: Query) throws(VarveError) {
        var tags: [Tag: String] = [:]
        var report = report
        let folders = folders
        try snapshot.forEachRecord(of: run.id, in: query) { record throws(VarveError) in
            let metric = record.metric
            guard let file = try folders.file(of: run.id, metric.context) else { return }
            func tag(_ name: String, _ plugin: String) -> String {
                let key = Tag(metric: metric, plugin: plugin)
                if let known = tags[key] { return known }
                let taken = file.take(name, else: plugin)
                tags[key] = taken
                report.rename(.record, name, taken)
                return taken
            }
            let (step, seconds) = (Int64(record.step ?? 0), Self.seconds(record.time))
            switch record.content {
            case .histogram(let histogram):
                if histogram.edges.contains(where: \.isInfinite) { report.rounded += 1 }
                try file.append(histogram, tag: tag(metric.name, "histogram"), step: step, seconds: seconds)
            case .classReport(let content):
                try file.append(Self.table(content), tag: tag(metric.name, "report"), step: step, seconds: seconds)
            case .confusionMatrix(let matrix):
                if matrix.labels.count <= Self.mostColumns {
                    try file.append(Self.table(matrix), tag: tag(metric.name, "matrix"), step: step, seconds: seconds)
                }
                let rows = Self.table(ClassReport(matrix))
                try file.append(rows, tag: tag("\(metric.name)/report", "report"), step: step, seconds: seconds)
            }
            report.records += 1
        }
        self.report = report
    }

    private static func table(_ report: ClassReport) -> [[String]] {
        let means = [report.macro, report.weighted]
        // Of very many classes the means only.
        let rows = report.classes.count <= mostRows ? report.classes + means : means
        return [["class", "precision", "recall", "f1-score", "support"]]
            + rows.map { [escaped($0.label)] + [$0.precision, $0.recall, $0.f1, $0.support].map { "\($0)" } }
            + [["accuracy", "\(report.accuracy)", "", "", "\(report.support)"]]
    }

    private static func table(_ matrix: ConfusionMatrix) -> [[String]] {
        [["true \\\\ predicted"] + matrix.labels.map(escaped)]
            + matrix.rows.map { row in [escaped(row.label)] + row.counts.map { "\($0)" } }
    }

    /// A cell is Markdown: what has a meaning there stands for itself.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if "\\`*_{}[]()>#+-.!".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private static func seconds(_ time: Int64) -> Double { time == WallTime.none ? 0 : WallTime.seconds(time) }

    // MARK: Text

    /// Text that was logged at a step, under its channel's name, and the run's note. Console output has no steps: TensorBoard would
    /// show some lines of it, drawn by lot.
    mutating func writeText(of run: RunInfo) throws(VarveError) {
        guard let file = try folders.file(of: run.id, []) else { return }
        var tags: [ExactText: String] = [:]
        var report = report
        if case .string(let note)? = run.properties["note"], !note.isEmpty {
            try file.append(note, tag: file.take("note", else: "text"), step: 0, seconds: Self.seconds(run.created))
        }
        try snapshot.forEachLine(of: run.id) { line throws(VarveError) in
            guard let step = line.step else { return }
            let name = line.rank.map { "\(line.channel)/rank \($0)" } ?? line.channel
            let tag = tags[ExactText(name)] ?? file.take(name, else: "text")
            tags[ExactText(name)] = tag
            try file.append(line.text, tag: tag, step: Int64(step), seconds: Self.seconds(line.time))
            report.lines += 1
        }
        self.report = report
    }

    // MARK: Pictures

    /// Artifacts that are PNG, all versions, each at its step. One that is missing or damaged is left out and named.
    mutating func writePictures(of run: RunInfo) throws(VarveError) {
        var tags: [MetricKey: String] = [:]
        for artifact in try snapshot.artifacts(of: run.id) where artifact.size <= Self.mostPictureBytes {
            guard artifact.mediaType == "image/png" || artifact.name.lowercased().hasSuffix(".png") else { continue }
            var bytes: [UInt8] = []
            do throws(VarveError) {
                try snapshot.streamArtifact(artifact) { block in
                    // The size is what the log says; the file may be another.
                    if bytes.count <= Self.mostPictureBytes { bytes += block }
                }
            } catch  where error.code == .damaged || error.code == .notFound {
                report.problems.append(.init(run: run.name, artifact: artifact.name, error: error))
                continue
            }
            guard let picture = PNGPicture(bytes), let file = try folders.file(of: run.id, artifact.context) else {
                continue
            }
            let key = MetricKey(name: artifact.name, sortedContext: artifact.context)
            let tag = tags[key] ?? file.take(artifact.name, else: "image")
            tags[key] = tag
            try file.append(picture, tag: tag, step: Int64(artifact.step ?? 0), seconds: Self.seconds(artifact.time))
            report.artifacts += 1
        }
    }
}
