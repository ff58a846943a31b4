import Varve
import VarveFiles

/// The folder in which tcbench keeps what a run leaves behind:
///
/// | file | becomes |
/// |---|---|
/// | `params.yml` | `params.…` |
/// | `log.txt` | texts under `log`, a line each |
/// | `CONTEXT_conf_mtx.csv` | a confusion matrix, `confusion` with the context `subset=CONTEXT` |
/// | `CONTEXT_class_rep.csv` | a class report, where there is no matrix, from which one follows |
/// | anything else (weights, models) | an artifact |
struct TcbenchFolder {
    let path: String
    /// By what it is called in messages.
    let name: String
    let fileSystem: any FileSystem

    static let paramsFile = "params.yml"
    static let logFile = "log.txt"
    static let matrixEnd = "_conf_mtx.csv"
    static let reportEnd = "_class_rep.csv"

    /// Whether files of these names are a run of tcbench: its params, and something that it has to show.
    static func isRun(_ names: some Sequence<String>) -> Bool {
        var (hasParams, hasResult) = (false, false)
        for name in names {
            if name == paramsFile { hasParams = true }
            if name == logFile || name.hasSuffix(matrixEnd) || name.hasSuffix(reportEnd) { hasResult = true }
        }
        return hasParams && hasResult
    }

    /// The names of its files; nil if there is no such folder, or it is none of tcbench's.
    func files() throws(VarveError) -> [String]? {
        do throws(FileError) {
            guard try fileSystem.targetStatus(path)?.kind == .directory else { return nil }
            var names: [String] = []
            for name in try fileSystem.list(path).sorted(by: SourceTree.precedes) where !name.hasPrefix(".") {
                if try fileSystem.targetStatus(Paths.join(path, name))?.kind == .file { names.append(name) }
            }
            return Self.isRun(names) ? names : nil
        } catch { throw VarveError(error) }
    }

    /// Adds names, sizes and times of its files.
    func add(to version: inout SourceVersion) throws(VarveError) {
        guard let names = try files() else { return }
        do throws(FileError) {
            for name in names { try version.add(file: Paths.join(path, name), fileSystem) }
        } catch { throw VarveError(error) }
    }

    /// Tells all that is in it.
    func read(into sink: any RunSink) throws(VarveError) {
        guard let names = try files() else { return }
        let matrices = Set(names.filter { $0.hasSuffix(Self.matrixEnd) }.map { $0.dropLast(Self.matrixEnd.count) })
        for file in names {
            let path = Paths.join(path, file)
            if file == Self.paramsFile {
                params(path, sink)
            } else if file == Self.logFile {
                try log(path, sink)
            } else if file.hasSuffix(Self.matrixEnd) {
                let context = file.dropLast(Self.matrixEnd.count)
                try report(file, sink) { rows throws(VarveError) in
                    try sink.record(
                        .confusionMatrix(try ReportTable.matrix(rows)),
                        of: MetricKey("confusion", context: [ContextRule.key: String(context)]), step: nil,
                        time: WallTime.none)
                }
            } else if file.hasSuffix(Self.reportEnd) {
                let context = file.dropLast(Self.reportEnd.count)
                if matrices.contains(context) { continue }
                try report(file, sink) { rows throws(VarveError) in
                    try sink.record(
                        .classReport(try ReportTable.report(rows)),
                        of: MetricKey("report", context: [ContextRule.key: String(context)]), step: nil,
                        time: WallTime.none)
                }
            } else {
                try sink.artifact(path, name: file)
            }
        }
    }

    private func params(_ path: String, _ sink: any RunSink) {
        let found = SmallFile.yaml(path, fileSystem) { error in complain(error, Self.paramsFile, sink) }
        guard let found, !found.isEmpty else { return }
        for (key, value) in PropertyValue.flatten(.object(found), under: "params") { sink.property(key, value) }
    }

    private func complain(_ error: VarveError, _ file: String, _ sink: any RunSink) {
        let place = Paths.join(name, file)
        sink.problem(ImportProblem(file: place, offset: error.offset ?? 0, message: error.message))
    }

    private func log(_ path: String, _ sink: any RunSink) throws(VarveError) {
        let source = FileSource(path, name: Paths.join(name, Self.logFile), in: fileSystem)
        var lines = LineReader(source)
        while true {
            switch try lines.next() {
            case .end: return
            case .tooLong(let offset, let bytes):
                let message = "a line of \(bytes) bytes, skipped"
                sink.problem(ImportProblem(file: source.name, offset: offset, line: lines.number, message: message))
            // A line without an end is still being written.
            case .line(_, let isWhole):
                guard isWhole else { return }
                let text = lines.span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                if !text.isEmpty { try sink.text(text, name: "log", step: 0, time: WallTime.none) }
            }
        }
    }

    /// Reads a table; one that isn't what it should be is a problem, what the sink throws isn't.
    private func report(
        _ file: String, _ sink: any RunSink, _ body: ([[String]]) throws(VarveError) -> Void
    ) throws(VarveError) {
        do throws(VarveError) {
            try body(try ReportTable.rows(Paths.join(path, file), fileSystem))
        } catch {
            guard error.code == .invalid || error.code == .limit || error.code == .damaged else { throw error }
            complain(error, file, sink)
        }
    }
}
