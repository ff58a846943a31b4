import Varve
import VarveFiles

/// MLflow's SQLite store: tables `runs`, `metrics`, `params`, `tags`, `experiments`, read as they were from MLflow 0.9 to 3.
enum MLflowDatabase {
    /// Plans the runs of the databases in a tree; returns how many are left out since their stage is `deleted`.
    static func plan(_ tree: SourceTree, _ place: ImportPlace, into plan: inout ImportPlan) -> Int {
        var deleted = 0
        for file in tree.files where SQLitePool.mayBeDatabase(file, place, named: tree.isFile) {
            do throws(VarveError) {
                let database = try SQLiteDatabase(file.path, in: place.fileSystem)
                let tables = try database.tables()
                guard let runs = tables["runs"], runs.isSuperset(of: ["run_uuid", "status"]),
                    let metrics = tables["metrics"], metrics.isSuperset(of: ["run_uuid", "key", "value", "timestamp"])
                else { continue }
                plan.claims.files.insert(file.relativePath)
                let first = plan.runs.count
                let stage = runs.contains("lifecycle_stage") ? "lifecycle_stage" : "'active'"
                let artifacts = runs.contains("artifact_uri") ? "artifact_uri" : "NULL"
                let name = runs.contains("name") ? "name" : "NULL"
                try database.rows("SELECT run_uuid, \(name), \(stage), \(artifacts) FROM runs ORDER BY rowid") { row in
                    guard let run = row.text(0) else { return }
                    claimArtifacts(row.text(3), tree, place, &plan)
                    if row.text(2) == "deleted" {
                        deleted += 1
                        return
                    }
                    let name = row.text(1).flatMap { $0.isEmpty ? nil : $0 } ?? run
                    let source = ImportSource(file: file, key: run)
                    plan.runs.append(ImportPlan.Run(name: name, sources: [source], identity: run))
                }
                for index in first..<plan.runs.count { plan.runs[index].bytes = file.size / (plan.runs.count - first) }
            } catch {
                plan.problems.append(error)
            }
        }
        return deleted
    }

    /// Artifacts below the imported path are the runs', and no logs of their own.
    private static func claimArtifacts(
        _ uri: String?, _ tree: SourceTree, _ place: ImportPlace, _ plan: inout ImportPlan
    ) {
        guard !tree.isFile, let uri else { return }
        for path in candidates(uri, beside: place.root) {
            if let below = path.afterBytes(of: place.root + "/") { plan.claims.directories.insert(below) }
        }
    }

    /// Where a run's artifacts may lie: where the store says, and where they are if store and artifacts were moved together.
    static func candidates(_ uri: String, beside directory: String) -> [String] {
        guard !uri.isEmpty else { return [] }
        var paths: [String] = []
        if let path = MLflowRun.localPath(ofURI: uri) { paths.append(path) }
        // `…/mlruns/1/<run>/artifacts`, and what a tracking server serves as `mlflow-artifacts:/1/<run>/artifacts`.
        let parts = uri.split(separator: "/").map(String.init)
        if let at = parts.lastIndex(where: { $0 == "mlruns" || $0 == "mlartifacts" }) {
            paths.append(Paths.join(directory, parts[at...].joined(separator: "/")))
        } else if uri.hasPrefix("mlflow-artifacts:"), parts.count > 1 {
            paths.append(Paths.join(directory, "mlartifacts/" + parts[1...].joined(separator: "/")))
        } else if !uri.contains(":"), !uri.beginsWithBytes(of: "/") {
            paths.append(Paths.join(directory, uri))
        }
        return paths
    }
}

/// Reads runs of MLflow's SQLite store.
final class MLflowDatabaseReader {
    private let place: ImportPlace
    private let pool: SQLitePool
    private var columns: [String: [String: Set<String>]] = [:]
    private var rowsOfRuns: [String: MLflowRows] = [:]

    init(_ place: ImportPlace) {
        self.place = place
        pool = SQLitePool(place.fileSystem)
    }

    private func tables(_ database: SQLiteDatabase) throws(VarveError) -> [String: Set<String>] {
        if let known = columns[database.path] { return known }
        let found = try database.tables()
        columns[database.path] = found
        return found
    }

    private func rows(_ database: SQLiteDatabase) throws(VarveError) -> MLflowRows {
        if let known = rowsOfRuns[database.path], known.isOpen { return known }
        let found = try MLflowRows(database, try tables(database))
        // A database that was opened anew has no tables of its own any more.
        rowsOfRuns = rowsOfRuns.filter { $0.value.isOpen }
        rowsOfRuns[database.path] = found
        return found
    }

    /// All that is known of the run but its points and artifacts, and how many points there are.
    func version(of source: ImportSource) -> UInt64? {
        var version = SourceVersion()
        do throws(VarveError) {
            let database = try pool.database(source.file.path)
            let tables = try tables(database)
            let run = SQLiteValue.text(source.key ?? "")
            let known = ["status", "end_time", "name", "lifecycle_stage"].filter {
                tables["runs"]?.contains($0) == true
            }
            try database.rows("SELECT \(known.joined(separator: ", ")) FROM runs WHERE run_uuid = ?", [run]) { row in
                for index in known.indices { version.add(row.text(Int32(index)) ?? "") }
            }
            let rows = try rows(database)
            for table in ["params", "tags"] where tables[table] != nil {
                try database.rows("SELECT key, value FROM \(rows.of(table)) ORDER BY key", [run]) { row in
                    version.add(row.text(0) ?? "")
                    version.add(row.text(1) ?? "")
                }
            }
            try database.rows("SELECT count(*), max(metrics.rowid) FROM \(rows.of("metrics"))", [run]) { row in
                version.add(UInt64(bitPattern: row.int(0) ?? 0))
                version.add(UInt64(bitPattern: row.int(1) ?? 0))
            }
        } catch { return nil }
        if place.options.artifacts {
            for file in (try? artifacts(of: source)) ?? [] { version.add(file) }
        }
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        // An error of the database is a problem of the source; one that the sink throws ends the import.
        var failure: VarveError?
        do throws(VarveError) {
            let database = try pool.database(source.file.path)
            try read(source, database, try tables(database), sink, &failure)
            for file in try artifacts(of: source) where failure == nil {
                do throws(VarveError) { try sink.artifact(file.path, name: file.relativePath) } catch {
                    failure = error
                }
            }
        } catch {
            if failure == nil { sink.problem(ImportProblem(error, in: source.id)) }
        }
        if let failure { throw failure }
    }

    private func read(
        _ source: ImportSource, _ database: SQLiteDatabase, _ tables: [String: Set<String>], _ sink: any RunSink,
        _ failure: inout VarveError?
    ) throws(VarveError) {
        let run = SQLiteValue.text(source.key ?? "")
        try facts(run, database, tables, sink)
        let rows = try rows(database)
        if tables["params"] != nil {
            let sql = "SELECT key, value FROM \(rows.of("params")) ORDER BY params.rowid"
            try database.rows(sql, [run]) { row in
                if let key = row.text(0) { MLflowRun.param(key, row.text(1) ?? "", sink) }
            }
        }
        if tables["tags"] != nil {
            try database.rows("SELECT key, value FROM \(rows.of("tags")) ORDER BY tags.rowid", [run]) { row in
                if let key = row.text(0) { MLflowRun.tag(key, row.text(1) ?? "", sink) }
            }
        }
        let metrics = tables["metrics"] ?? []
        let step = metrics.contains("step") ? "step" : "NULL"
        let isNaN = metrics.contains("is_nan") ? "is_nan" : "0"
        var counted: [String: Int64] = [:]
        var sinkFailure: VarveError?
        let sql =
            "SELECT key, value, timestamp, \(step), \(isNaN) FROM \(rows.of("metrics")) ORDER BY metrics.rowid"
        do throws(VarveError) {
            try database.rows(sql, [run]) { row throws(VarveError) in
                guard let key = row.text(0), let stored = row.double(1) else {
                    return sink.skipped("metrics without a number")
                }
                let value = row.int(4) == 1 ? Double.nan : MLflowRun.value(stored)
                // Stores from before MLflow had steps: points are counted.
                let row0 = counted[key] ?? 0
                counted[key] = row0 + 1
                let time = row.int(2).flatMap { ForeignTime.nanoseconds(String($0)) } ?? WallTime.none
                do throws(VarveError) {
                    try sink.point(key, step: row.int(3) ?? row0, time: time, value: value, type: .double)
                } catch {
                    sinkFailure = error
                    throw error
                }
            }
        } catch {
            failure = sinkFailure
            throw error
        }
    }

    private func facts(
        _ run: SQLiteValue, _ database: SQLiteDatabase, _ tables: [String: Set<String>], _ sink: any RunSink
    ) throws(VarveError) {
        let columns = ["status", "start_time", "end_time", "name", "user_id", "entry_point_name", "experiment_id"]
        let known = columns.map { tables["runs"]?.contains($0) == true ? $0 : "NULL" }
        var experiment: Int64?
        let sql = "SELECT \(known.joined(separator: ", ")) FROM runs WHERE run_uuid = ?"
        try database.rows(sql, [run]) { row in
            if let end = row.text(0).flatMap(MLflowRun.end) { sink.ended(end) }
            let times = [row.int(1), row.int(2)].map { $0.flatMap { ForeignTime.nanoseconds(String($0)) } }
            sink.lasted(from: times[0], to: times[1])
            if let name = row.text(3), !name.isEmpty { sink.property("name", .string(name)) }
            if let user = row.text(4), !user.isEmpty, user != "unknown" { sink.property("mlflow.user", .string(user)) }
            if let entry = row.text(5), !entry.isEmpty { sink.property("mlflow.entry_point", .string(entry)) }
            experiment = row.int(6)
        }
        guard let experiment, tables["experiments"]?.contains("name") == true else { return }
        try database.rows("SELECT name FROM experiments WHERE experiment_id = ?", [.int(experiment)]) { row in
            if let name = row.text(0) { sink.property("experiment", .string(name)) }
        }
    }

    /// The files of a run's artifact folder, where that is on this machine.
    private func artifacts(of source: ImportSource) throws(VarveError) -> [SourceTree.File] {
        let database = try pool.database(source.file.path)
        guard try tables(database)["runs"]?.contains("artifact_uri") == true else { return [] }
        var uri: String?
        try database.rows("SELECT artifact_uri FROM runs WHERE run_uuid = ?", [.text(source.key ?? "")]) { row in
            uri = row.text(0)
        }
        guard let uri else { return [] }
        for path in MLflowDatabase.candidates(uri, beside: Paths.parent(source.file.path)) {
            let status = (try? place.fileSystem.targetStatus(path)) ?? nil
            if status?.kind == .directory { return try SourceTree(path, in: place.fileSystem).files }
        }
        return []
    }
}
