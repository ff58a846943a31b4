import Varve
import VarveFiles

/// Trackio's SQLite store: a database a project, a row of `metrics` a call of `log`, whose text is a JSON object.
///
/// A run is called by its name, and is known by its ID; databases from before Trackio had those know runs by name. Params
/// come from `configs`, alerts become texts, system metrics series in the context `system=host` with their rows counted.
package struct TrackioFormat: StoreFormat {
    package let name = "trackio"
    package let title = "Trackio projects"
    package let signs = "SQLite databases with Trackio's tables"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        for file in tree.files where SQLitePool.mayBeDatabase(file, place, named: tree.isFile) {
            do throws(VarveError) {
                let database = try SQLiteDatabase(file.path, in: place.fileSystem)
                let tables = try TrackioTables(database)
                guard let tables else { continue }
                plan.claims.files.insert(file.relativePath)
                plan.claims.files.insert(TablePlan.stem(file.relativePath) + ".lock")
                plan.claims.directories.insert(Paths.join(file.directory, "media"))
                let runs = try tables.runs(database)
                for (key, name) in runs {
                    var run = ImportPlan.Run(name: name, sources: [ImportSource(file: file, key: key)])
                    if tables.hasIDs { run.identity = key }
                    run.bytes = file.size / runs.count
                    plan.runs.append(run)
                }
            } catch {
                plan.problems.append(error)
            }
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { TrackioReader(place) }
}

/// What tables a Trackio database has, and by which column they know a run.
struct TrackioTables {
    let hasIDs: Bool
    let hasConfigs: Bool
    let hasSystem: Bool
    let hasAlerts: Bool
    /// Tables of what isn't taken, with what it is called.
    let others: [(table: String, kind: String)]

    /// Nil if the database is none of Trackio's.
    init?(_ database: SQLiteDatabase) throws(VarveError) {
        let tables = try database.tables()
        guard let metrics = tables["metrics"], metrics.isSuperset(of: ["run_name", "step", "timestamp", "metrics"])
        else { return nil }
        let hasIDs = metrics.contains("run_id")
        self.hasIDs = hasIDs
        let key = hasIDs ? "run_id" : "run_name"
        func has(_ table: String, _ columns: Set<String>) -> Bool {
            tables[table]?.isSuperset(of: columns.union([key])) ?? false
        }
        hasConfigs = has("configs", ["config"])
        hasSystem = has("system_metrics", ["timestamp", "metrics"])
        hasAlerts = has("alerts", ["timestamp", "title", "text", "level", "step"])
        others = [("traces", "traces"), ("run_artifact_links", "artifacts in Trackio's own store")]
            .filter { has($0.0, []) }.map { (table: $0.0, kind: $0.1) }
    }

    var key: String { hasIDs ? "run_id" : "run_name" }

    /// The key and the name of each run, in the order of their first rows.
    func runs(_ database: SQLiteDatabase) throws(VarveError) -> [(key: String, name: String)] {
        var runs: [(key: String, name: String)] = []
        var seen: Set<String> = []
        let tables = ["metrics"] + (hasConfigs ? ["configs"] : []) + (hasSystem ? ["system_metrics"] : [])
        for table in tables {
            let sql = "SELECT \(key), run_name FROM \(table) GROUP BY \(key) ORDER BY min(rowid)"
            try database.rows(sql) { row in
                guard let key = row.text(0), seen.insert(key).inserted else { return }
                runs.append((key, row.text(1) ?? key))
            }
        }
        return runs
    }
}

/// Reads runs of Trackio's databases.
final class TrackioReader: StoreReader {
    private let pool: SQLitePool
    private var tables: [String: TrackioTables] = [:]

    init(_ place: ImportPlace) { pool = SQLitePool(place.fileSystem) }

    private func opened(_ source: ImportSource) throws(VarveError) -> (SQLiteDatabase, TrackioTables)? {
        let database = try pool.database(source.file.path)
        if let known = tables[database.path] { return (database, known) }
        guard let found = try TrackioTables(database) else { return nil }
        tables[database.path] = found
        return (database, found)
    }

    func version(of source: ImportSource) -> UInt64? {
        var version = SourceVersion()
        do throws(VarveError) {
            guard let (database, tables) = try opened(source) else { return nil }
            let run = SQLiteValue.text(source.key ?? "")
            let counted =
                ["metrics"] + (tables.hasSystem ? ["system_metrics"] : []) + (tables.hasAlerts ? ["alerts"] : [])
            for table in counted {
                let sql = "SELECT count(*), max(rowid) FROM \(table) WHERE \(tables.key) = ?"
                try database.rows(sql, [run]) { row in
                    version.add(UInt64(bitPattern: row.int(0) ?? 0))
                    version.add(UInt64(bitPattern: row.int(1) ?? 0))
                }
            }
            if tables.hasConfigs {
                let sql = "SELECT run_name, config FROM configs WHERE \(tables.key) = ?"
                try database.rows(sql, [run]) { row in
                    version.add(row.text(0) ?? "")
                    version.add(row.text(1) ?? "")
                }
            }
        } catch { return nil }
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        // An error of the database is a problem of the source; one that the sink throws ends the import.
        var failure: VarveError?
        do throws(VarveError) {
            guard let (database, tables) = try opened(source) else { return }
            try read(source, database, tables, sink, &failure)
        } catch {
            if failure == nil { sink.problem(ImportProblem(error, in: source.id)) }
        }
        if let failure { throw failure }
    }

    private func read(
        _ source: ImportSource, _ database: SQLiteDatabase, _ tables: TrackioTables, _ sink: any RunSink,
        _ failure: inout VarveError?
    ) throws(VarveError) {
        let run = SQLiteValue.text(source.key ?? "")
        if tables.hasConfigs {
            try database.rows("SELECT config FROM configs WHERE \(tables.key) = ?", [run]) { row in
                Self.config(row.bytes(0) ?? [], source, sink)
            }
        }
        for (table, kind) in tables.others {
            try database.rows("SELECT count(*) FROM \(table) WHERE \(tables.key) = ?", [run]) { row in
                for _ in 0..<min(row.int(0) ?? 0, 1_000_000) { sink.skipped(kind) }
            }
        }
        let media = Paths.join(Paths.parent(source.file.path), "media")
        var rows = TrackioRows(source.id, media: media, sink)
        do throws(VarveError) {
            let sql = "SELECT rowid, step, timestamp, metrics FROM metrics WHERE \(tables.key) = ? ORDER BY rowid"
            try database.rows(sql, [run]) { row throws(VarveError) in
                try rows.metrics(row.int(0), step: row.int(1), time: row.text(2), row.bytes(3) ?? [])
            }
            if tables.hasSystem {
                let sql = "SELECT rowid, timestamp, metrics FROM system_metrics WHERE \(tables.key) = ? ORDER BY rowid"
                try database.rows(sql, [run]) { row throws(VarveError) in
                    try rows.system(row.int(0), time: row.text(1), row.bytes(2) ?? [])
                }
            }
            if tables.hasAlerts {
                let sql =
                    "SELECT level, title, text, step, timestamp FROM alerts WHERE \(tables.key) = ? ORDER BY rowid"
                try database.rows(sql, [run]) { row throws(VarveError) in
                    let title = [row.text(1), row.text(2)].compactMap(\.self).filter { !$0.isEmpty }
                    let text = "\(row.text(0) ?? ""): \(title.joined(separator: ": "))"
                    try rows.alert(text, step: row.int(3), time: row.text(4))
                }
            }
        } catch {
            failure = rows.failure
            throw error
        }
    }

    private static func config(_ bytes: [UInt8], _ source: ImportSource, _ sink: any RunSink) {
        do throws(FormatError) {
            for (key, value) in PropertyValue.flatten(try JSONValue(parsing: bytes), under: "params") {
                // What Trackio adds by itself: who, when, and in which group.
                switch key {
                case "params._Group":
                    if value != .null { sink.property("group", value) }
                case "params._Created":
                    if case .string(let text) = value { sink.lasted(from: TimeText.time(text), to: nil) }
                default: sink.property(key.afterBytes(of: "params._").map { "trackio.\($0)" } ?? key, value)
                }
            }
        } catch {
            let problem = "a config that is no JSON (expected \(error.expected), found \(error.found)), skipped"
            sink.problem(ImportProblem(file: source.id, offset: error.offset, message: problem))
        }
    }
}
