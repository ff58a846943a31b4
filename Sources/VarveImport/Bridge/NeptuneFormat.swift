import Varve
import VarveFiles

/// Runs of Neptune as neptune-exporter leaves them: Parquet files `PROJECT/RUN_part_0.parquet`, `…_part_1.parquet` and so on, read
/// through pyarrow in a helper (``PythonHelper``). A run is called by its path without the part; files that the exporter put into
/// `files/PROJECT` beside the tables' `data/PROJECT` become artifacts.
package struct NeptuneFormat: StoreFormat {
    package let name = "neptune"
    package let title = "Neptune runs exported to Parquet"
    package let signs = "files called RUN_part_0.parquet with columns such as attribute_path"

    /// Parquet states its schema at the end of the file.
    private static let footerBytes = 1 << 16

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var groups: [String: [(part: Int, file: SourceTree.File)]] = [:]
        for file in tree.files {
            guard let (run, part) = Self.parts(of: file.name) else { continue }
            groups[Paths.join(file.directory, run), default: []].append((part, file))
        }
        for (run, parts) in groups.sorted(by: { SourceTree.precedes($0.key, $1.key) }) {
            let files = parts.sorted { $0.part < $1.part }.map(\.file)
            guard let first = files.first, place.isNamed || hasItsColumns(first, place) else { continue }
            for file in files { plan.claims.files.insert(file.relativePath) }
            var file = first
            file.size = files.reduce(0) { $0 + $1.size }
            let name = tree.isFile ? Paths.lastComponent(run) : run
            // All parts are read as one: which steps are whole numbers is a matter of the whole series.
            let source = ImportSource(file: file, key: files.map(\.name).joined(separator: "\n"))
            plan.runs.append(ImportPlan.Run(name: name, sources: [source]))
        }
        return plan
    }

    /// `RUN` and 3 of `RUN_part_3.parquet`.
    private static func parts(of name: String) -> (run: String, part: Int)? {
        guard name.hasSuffix(".parquet") else { return nil }
        let stem = name.dropLast(".parquet".count)
        guard let mark = stem.ranges(of: "_part_").last, mark.lowerBound > stem.startIndex,
            let part = Int(stem[mark.upperBound...]), part >= 0
        else { return nil }
        return (String(stem[..<mark.lowerBound]), part)
    }

    private func hasItsColumns(_ file: SourceTree.File, _ place: ImportPlace) -> Bool {
        do throws(FileError) {
            let opened = try place.fileSystem.open(file.path, .readLinked)
            defer { opened.close() }
            let start = max(0, file.size - Self.footerBytes)
            let footer = try opened.read(upTo: file.size - start, at: start)
            guard footer.suffix(4).elementsEqual("PAR1".utf8) else { return false }
            return ["attribute_path", "attribute_type", "run_id"].allSatisfy { name in
                footer.firstRange(of: Array(name.utf8)) != nil
            }
        } catch { return false }
    }

    package func open(_ place: ImportPlace) -> any StoreReader { NeptuneStore(place) }
}

/// Exported runs, by means of a helper that is started when the first one is to be read.
private final class NeptuneStore: StoreReader {
    private let place: ImportPlace
    private var helper: PythonHelper?

    init(_ place: ImportPlace) { self.place = place }

    private func paths(of source: ImportSource) -> [String] {
        let directory = Paths.parent(source.file.path)
        return (source.key ?? source.file.name).split(separator: "\n").map { Paths.join(directory, String($0)) }
    }

    func version(of source: ImportSource) throws(VarveError) -> UInt64? {
        var version = SourceVersion()
        do throws(FileError) {
            for path in paths(of: source) { try version.add(file: path, place.fileSystem) }
        } catch { throw VarveError(error) }
        return version.value
    }

    func prepare() throws(VarveError) { _ = try started() }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let project = Paths.parent(source.file.path)
        let files = Paths.join(Paths.join(Paths.parent(Paths.parent(project)), "files"), Paths.lastComponent(project))
        let question: JSONValue = [
            "parts": .array(paths(of: source).map { .string($0) }), "files": .string(files),
        ]
        try started().ask(question, about: source.file.relativePath, into: sink)
    }

    private func started() throws(VarveError) -> PythonHelper {
        if let helper { return helper }
        let script = PackageResources.bridge_py + PackageResources.neptune_py
        let new = try PythonHelper(script, python: place.options.python, what: "Parquet files")
        helper = new
        return new
    }
}
