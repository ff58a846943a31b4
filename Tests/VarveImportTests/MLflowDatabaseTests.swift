import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that MLflow's SQLite store comes in as its folders do, whatever state the database is in, and that reading it changes
/// nothing beside it.
@Suite struct MLflowDatabaseTests {
    private func contents(_ place: Place) throws -> [String: [UInt8]] {
        let fileSystem = RealFileSystem()
        var contents: [String: [UInt8]] = [:]
        for name in try fileSystem.list(place.logs) {
            contents[name] = try fileSystem.readAll(Paths.join(place.logs, name), cap: 64 << 20)
        }
        return contents
    }

    private let expected = ["first loss {subset=val}: 1=0.5 2=nan 3=inf 2=-inf"]

    @Test func importsARun() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "mlflow.db"))
            try database.run(MLflowTables.all + MLflowTables.sample)
            try database.run("INSERT INTO runs VALUES ('u2', 'gone', '', 'RUNNING', 0, 0, 'deleted', '', 1)")
            database.close()
            let before = try contents(place)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.newRuns == 1 && report.pointsStored == 4 && report.problemCount == 0, "\(report)")
            #expect(report.audit?.isEqual == true)
            #expect(try place.shown() == expected)
            let info = try #require(try place.repository.snapshot().runs.first)
            #expect(info.params == ["lr": 0.1, "opt": "adam"] && info.tags == ["team"] && info.status == .finished)
            #expect(info.properties["note"] == "hello" && info.properties["experiment"] == "exp")
            #expect(info.created == 1_700_000_000_000_000_000 && info.ended == 1_700_000_009_000_000_000)
            #expect(try contents(place) == before)
        }
    }

    /// Artifacts are found where the store says, and beside the store where both were moved; what lies there is no log.
    @Test(arguments: ["absolute", "moved", "served", "percent"]) func findsArtifacts(_ place: String) throws {
        let kind = place
        try Place.with { place in
            let folder = kind == "served" ? "mlartifacts/1/u1/artifacts" : "mlruns/1/u1/artifacts"
            try place.write(folder + "/m/table.csv", "step,loss\n1,2\n")
            let uri =
                switch kind {
                case "absolute": Paths.join(place.logs, folder)
                case "moved": "file:///gone/mlruns/1/u1/artifacts"
                case "served": "mlflow-artifacts:/1/u1/artifacts"
                default:
                    "file://"
                        + Paths.join(place.logs, folder).split(separator: "r", omittingEmptySubsequences: false).joined(
                            separator: "%72")
                }
            let database = try TestDatabase(Paths.join(place.logs, "mlflow.db"))
            try database.run(MLflowTables.all + MLflowTables.sample + "UPDATE runs SET artifact_uri = '\(uri)'")
            database.close()
            let report = try place.load(nil)
            #expect(report.runs == 1 && report.artifactsStored == 1, "\(report)")
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first?.id)
            #expect(try snapshot.artifacts(of: run).map(\.name) == ["m/table.csv"])
            #expect(try place.load(nil).artifactsStored == 0)
        }
    }

    @Test func addsWhatIsNew() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "mlflow.db"))
            try database.run(MLflowTables.all + MLflowTables.sample)
            #expect(try place.load(nil).pointsStored == 4)
            #expect(try place.load(nil).pointsRead == 0)
            try database.run("INSERT INTO metrics VALUES ('a', 1, 1700000005000, 'u1', 9, 0)")
            try database.run("UPDATE params SET value = '0.2' WHERE \"key\" = 'lr'")
            #expect(try place.load(nil).pointsStored == 1)
            #expect(try place.repository.snapshot().runs.first?.params["lr"] == 0.2)
            #expect(try place.load(nil).unchangedRuns == 1)
        }
    }

    /// A live writer with a write-ahead log, what a kill of it leaves, a copy without the log's index, and one without the log:
    /// all that was committed comes in, and not a byte changes.
    @Test(arguments: ["live", "copied", "copied whole", "checkpointed", "in a transaction"])
    func readsWriteAheadLogs(_ state: String) throws {
        try Place.with { place in
            let fileSystem = RealFileSystem()
            let path = Paths.join(place.directory, "live.db")
            let database = try TestDatabase(path)
            try database.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + MLflowTables.all)
            if state == "checkpointed" {
                try database.run(MLflowTables.sample + "PRAGMA wal_checkpoint(TRUNCATE)")
            } else {
                try database.run("PRAGMA wal_checkpoint(TRUNCATE);" + MLflowTables.sample)
            }
            if state == "in a transaction" {
                try database.run("BEGIN; INSERT INTO metrics VALUES ('never', 1, 1, 'u1', 1, 0)")
            }
            let suffixes: [String] =
                switch state {
                case "copied": ["", "-wal"]
                case "checkpointed": [""]
                default: ["", "-wal", "-shm"]
                }
            if state == "live" || state == "in a transaction" {
                for suffix in suffixes {
                    try fileSystem.link(path + suffix, Paths.join(place.logs, "mlflow.db" + suffix))
                }
            } else {
                for suffix in suffixes {
                    try place.write("mlflow.db" + suffix, try fileSystem.readAll(path + suffix, cap: 64 << 20))
                }
            }
            let before = try contents(place)
            let report = try place.load(nil)
            #expect(report.pointsStored == 4 && report.problemCount == 0, "\(report.problems)")
            #expect(try place.shown() == expected)
            let after = try contents(place)
            #expect(Set(after.keys) == Set(before.keys))
            for name in before.keys where !name.hasSuffix("-shm") { #expect(after[name] == before[name], "\(name)") }
        }
    }

    /// A journal whose writer died in a transaction: what was there before it comes in.
    @Test func rollsBackInACopy() throws {
        try Place.with { place in
            let fileSystem = RealFileSystem()
            let path = Paths.join(place.directory, "live.db")
            let database = try TestDatabase(path)
            try database.run(MLflowTables.all + MLflowTables.sample)
            // A cache of one page makes the transaction spill into the file.
            try database.run("PRAGMA cache_size = 1; BEGIN; UPDATE metrics SET value = 7 WHERE is_nan = 0;")
            for number in 0..<300 {
                try database.run(
                    "INSERT INTO tags VALUES ('t\(number)', '\(String(repeating: "x", count: 500))', 'u1')")
            }
            for suffix in ["", "-journal"] {
                try place.write("mlflow.db" + suffix, try fileSystem.readAll(path + suffix, cap: 64 << 20))
            }
            #expect(try contents(place)["mlflow.db-journal"]?.isEmpty == false)
            let before = try contents(place)
            let report = try place.load(nil)
            #expect(report.problemCount == 0, "\(report.problems)")
            #expect(try place.shown() == expected)
            #expect(try contents(place) == before)
        }
    }

    /// Stores from before MLflow had steps, NaN, names of runs.
    @Test func readsOldStores() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "old.sqlite"))
            try database.run(
                """
                CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, status VARCHAR(9), start_time BIGINT);
                CREATE TABLE metrics ("key" VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32));
                INSERT INTO runs VALUES ('u1', 'KILLED', 1530000000000);
                INSERT INTO metrics VALUES ('x', 1, 1530000000, 'u1'), ('x', 2, 1530000001, 'u1');
                """)
            #expect(try place.load(nil).pointsStored == 2)
            #expect(try place.shown() == ["u1 x: 0=1.0 1=2.0"])
            #expect(try place.repository.snapshot().runs.map(\.status) == [.killed])
        }
    }

    /// Stores without an index of runs give the same as those with one, and no query passes over all rows for one run.
    @Test func readsStoresWithoutAnIndex() throws {
        try Place.with { place in
            let file = Paths.join(place.logs, "old.db")
            let made = try TestDatabase(file)
            try made.run(
                """
                CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, status VARCHAR(9), start_time BIGINT);
                CREATE TABLE metrics ("key" VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32));
                CREATE TABLE params ("key" VARCHAR(250), value VARCHAR(250), run_uuid VARCHAR(32));
                INSERT INTO runs VALUES ('u1', 'FINISHED', 1530000000000), ('u2', 'FINISHED', 1530000000000);
                INSERT INTO metrics VALUES ('x', 1, 1530000000, 'u1'), ('x', 5, 1530000000, 'u2'),
                    ('x', 2, 1530000001, 'u1'), ('x', 9, 1530000001, 'nobody');
                INSERT INTO params VALUES ('lr', '0.5', 'u2'), ('lr', '0.25', 'u1');
                """)
            func plans(_ database: SQLiteDatabase) throws -> [String] {
                let rows = try MLflowRows(database, try database.tables())
                var steps: [String] = []
                for table in ["metrics", "params"] {
                    let sql = "EXPLAIN QUERY PLAN SELECT key FROM \(rows.of(table)) ORDER BY \(table).rowid"
                    try database.rows(sql, [.text("u1")]) { row in steps.append(row.text(3) ?? "") }
                }
                return steps
            }
            let without = try plans(try SQLiteDatabase(file, in: RealFileSystem()))
            #expect(!without.isEmpty && without.allSatisfy { !$0.hasPrefix("SCAN") }, "\(without)")
            #expect(try place.load(nil).pointsStored == 3)
            #expect(try place.shown() == ["u1 x: 0=1.0 1=2.0", "u2 x: 0=5.0"])
            for info in try place.repository.snapshot().runs {
                #expect(info.properties["params.lr"] == (info.name == "u1" ? 0.25 : 0.5))
            }
            try made.run("CREATE INDEX i ON metrics (run_uuid); CREATE INDEX j ON params (run_uuid);")
            let with = try plans(try SQLiteDatabase(file, in: RealFileSystem()))
            #expect(with.allSatisfy { $0.contains("USING INDEX") || $0.contains("USE TEMP B-TREE") }, "\(with)")
            #expect(try place.load(nil) { $0.audits = true }.pointsStored == 0)
        }
    }

    /// The same run as a database has it and as folders have it is one run.
    @Test func meetsARunTwice() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "mlflow.db"))
            try database.run(MLflowTables.all + MLflowTables.sample)
            try place.write("mlruns/1/u1/meta.yaml", "experiment_id: '1'\nrun_id: u1\nstatus: 3\n")
            try place.write("mlruns/1/u1/metrics/val/loss", "1700000001000 0.5 1\n")
            let report = try place.load(nil)
            #expect(report.newRuns == 1 && report.skipped == ["runs that are there twice": 1])
        }
    }

    /// Whatever becomes of the file's bytes: no crash, no hang, and nothing that wasn't there.
    @Test func survivesDamage() throws {
        try Place.with { place in
            let path = Paths.join(place.logs, "whole.db")
            let database = try TestDatabase(path)
            try database.run("PRAGMA page_size = 512; VACUUM;" + MLflowTables.all + MLflowTables.sample)
            database.close()
            let bytes = try RealFileSystem().readAll(path, cap: 1 << 20)
            func read(_ damaged: [UInt8]) throws -> CollectingSink {
                try place.write("damaged.db", damaged)
                let sink = CollectingSink()
                let format = MLflowFormat()
                let whole = ImportPlace(root: place.logs)
                let plan = format.plan(
                    try SourceTree(Paths.join(place.logs, "damaged.db"), in: RealFileSystem()), whole)
                let reader = format.open(whole)
                for run in plan.runs { for source in run.sources { try reader.read(source, into: sink) } }
                return sink
            }
            #expect(try read(bytes).pointCount == 4)
            for count in stride(from: 0, to: bytes.count, by: 256) {
                #expect(try read(Array(bytes[..<count])).pointCount <= 4)
            }
            var random = SplitMix64(seed: 1)
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0..<4 { damaged[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8) }
                #expect(try read(damaged).pointCount <= 8)
            }
        }
    }
}
