import Varve
import VarveFiles

/// SwanLab's local store from before 0.8 (`mode="local"`, SwanBoard): `runs.swanlab`, an SQLite database that names runs and columns,
/// and beside it a folder for each run, in which each column has one of its own with JSON Lines, `logs/3/1000.log`.
package struct SwanLabFoldersFormat: StoreFormat {
    package let name = "swanboard"
    package let title = "SwanLab's local runs from before 0.8"
    package let signs = "runs.swanlab, an SQLite database, beside folders run-ID with logs in them"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        for file in tree.files where file.name.hasSuffix(".swanlab") {
            guard place.beginning(of: file, 16) == Array("SQLite format 3\0".utf8) else { continue }
            do throws(VarveError) {
                let database = try SQLiteDatabase(file.path, in: place.fileSystem)
                let tables = try database.tables()
                guard tables["experiment"]?.isSuperset(of: ["id", "run_id", "name", "status"]) == true,
                    tables["tag"]?.isSuperset(of: ["experiment_id", "name", "type"]) == true
                else { continue }
                plan.claims.files.insert(file.relativePath)
                let base = tree.isFile ? "" : file.directory
                try database.rows("SELECT run_id, name FROM experiment ORDER BY rowid") { row in
                    guard let run = row.text(0), !run.isEmpty, !run.contains("/") else { return }
                    plan.claims.directories.insert(Paths.join(base, run))
                    let source = ImportSource(file: file, key: run)
                    let name = row.text(1).flatMap { $0.isEmpty ? nil : $0 } ?? run
                    plan.runs.append(ImportPlan.Run(name: name, sources: [source], identity: run))
                }
            } catch {
                plan.problems.append(error)
            }
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { SwanLabFoldersReader(place) }
}

/// Reads such runs.
private final class SwanLabFoldersReader: StoreReader {
    private struct Column {
        var name: String
        var folder: String
        var type: String
        var isSystem: Bool
    }

    private let place: ImportPlace
    private let pool: SQLitePool

    init(_ place: ImportPlace) {
        self.place = place
        pool = SQLitePool(place.fileSystem)
    }

    private func directory(_ source: ImportSource) -> String {
        Paths.join(Paths.parent(source.file.path), source.key ?? "")
    }

    func version(of source: ImportSource) -> UInt64? {
        guard var version = SourceVersion(ofFolder: directory(source), in: place.fileSystem) else { return nil }
        version.add(source.file)
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let run = SQLiteValue.text(source.key ?? "")
        var columns: [Column] = []
        do throws(VarveError) {
            let database = try pool.database(source.file.path)
            let tables = try database.tables()
            try facts(run, database, tables, sink)
            func column(_ name: String, else other: String) -> String {
                tables["tag"]?.contains(name) == true ? name : other
            }
            let sql = """
                SELECT name, \(column("folder", else: "NULL")), type, \(column("system", else: "0")) FROM tag
                WHERE experiment_id = (SELECT id FROM experiment WHERE run_id = ?) ORDER BY rowid
                """
            try database.rows(sql, [run]) { row in
                guard let name = row.text(0) else { return }
                columns.append(
                    Column(
                        name: name, folder: row.text(1) ?? name, type: row.text(2) ?? "", isSystem: row.int(3) == 1))
            }
        } catch {
            return sink.problem(ImportProblem(error, in: source.id))
        }
        let config = SmallFile.yaml(Paths.join(directory(source), "files/config.yaml"), place.fileSystem) { error in
            sink.problem(ImportProblem(error, in: source.id))
        }
        if let config { SwanLabFileReader.emit(config, to: sink) }
        for column in columns { try read(column, source, sink) }
    }

    private func facts(
        _ run: SQLiteValue, _ database: SQLiteDatabase, _ tables: [String: Set<String>], _ sink: any RunSink
    ) throws(VarveError) {
        let known = ["description", "create_time", "finish_time", "version"].map { column in
            tables["experiment"]?.contains(column) == true ? column : "NULL"
        }
        try database.rows("SELECT status, \(known.joined(separator: ", ")) FROM experiment WHERE run_id = ?", [run]) {
            row in
            switch row.int(0) {
            case 1: sink.ended(.finished)
            case -1: sink.ended(.failed)
            default: sink.ended(.running)
            }
            if let note = row.text(1), !note.isEmpty { sink.property("note", .string(note)) }
            sink.lasted(
                from: row.text(2).flatMap { ForeignTime.nanoseconds($0) },
                to: row.text(3).flatMap { ForeignTime.nanoseconds($0) })
            if let version = row.text(4) { sink.property("swanlab.version", .string(version)) }
        }
        guard tables["project"]?.contains("name") == true else { return }
        try database.rows(
            "SELECT name FROM project WHERE id = (SELECT project_id FROM experiment WHERE run_id = ?)", [run]
        ) { row in
            if let name = row.text(0), !name.isEmpty { sink.property("swanlab.project", .string(name)) }
        }
    }

    /// Reads the lines of a column: `{"index": step, "data": …, "create_time": …}`.
    private func read(_ column: Column, _ source: ImportSource, _ sink: any RunSink) throws(VarveError) {
        let folder = Paths.join(directory(source), "logs/" + column.folder)
        guard let tree = try? SourceTree(folder, in: place.fileSystem) else {
            return sink.problem(
                ImportProblem(file: source.id, offset: 0, message: "the lines of \(column.name) aren't there, skipped"))
        }
        for file in tree.files where file.name.hasSuffix(".log") {
            let name = Paths.join(source.key ?? "", "logs/\(column.folder)/\(file.relativePath)")
            let bytes = FileSource(file.path, name: name, in: place.fileSystem)
            defer { bytes.close() }
            var lines = LineReader(bytes)
            while true {
                let item = try lines.next()
                if item == .end { break }
                guard case .line = item, let row = try? JSONValue(parsing: lines.span),
                    let step = row["index"].flatMap(JSONKeys.step), let data = row["data"]
                else {
                    let what = "a line that is no point, skipped"
                    sink.problem(ImportProblem(file: name, offset: lines.offset, line: lines.number, message: what))
                    continue
                }
                let time = row["create_time"].flatMap(JSONKeys.time) ?? WallTime.none
                try take(data, of: column, step, time, source, sink)
            }
        }
    }

    private func take(
        _ data: JSONValue, of column: Column, _ step: Int64, _ time: Int64, _ source: ImportSource, _ sink: any RunSink
    ) throws(VarveError) {
        if let files = data.arrayValue {
            let folder = Paths.join(directory(source), "media/" + column.folder)
            for file in files.compactMap(\.stringValue) where !file.contains("/") && file != ".." {
                try sink.artifact(Paths.join(folder, file), name: Paths.join(column.name, file), step: step)
            }
        } else if column.isSystem, let number = data.doubleValue {
            let metric = MetricKey(column.name, context: ["system": "host"])
            try sink.point(of: metric, step: step, time: time, value: number)
        } else {
            try sink.value(data, under: column.name, step: step, time: time)
        }
    }
}
