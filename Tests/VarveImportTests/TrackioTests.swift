import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves what the importer makes of Trackio's databases, new and old; the tables are those that Trackio 0.43 makes.
@Suite struct TrackioTests {
    private let tables = """
        CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
            run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT);
        CREATE TABLE configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, run_name TEXT NOT NULL,
            config TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(run_id));
        CREATE TABLE system_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
            run_name TEXT NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT);
        CREATE TABLE traces (id TEXT PRIMARY KEY, run_id TEXT NOT NULL);
        CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
            run_name TEXT NOT NULL, title TEXT NOT NULL, text TEXT, level TEXT NOT NULL DEFAULT 'warn', step INTEGER);
        """

    private func row(_ step: Int, _ json: String, run: String = "r1") -> String {
        "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES "
            + "('\(run)', '2026-11-26T11:33:44.5\(step)+00:00', '\(run == "r1" ? "alpha" : "beta")', \(step), CAST('\(json)' AS BLOB));"
    }

    @Test func importsRuns() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "project.db"))
            try database.run(tables)
            try database.run(row(0, #"{"val/loss":1.0,"acc":3,"nested":{"a":2.5},"word":"w","flag":true,"none":null}"#))
            try database.run(
                row(1, #"{"val/loss":"NaN","acc":"-Infinity","t":{"_type":"trackio.table","_value":[1]}}"#))
            try database.run(row(1, #"{"acc":9007199254740993}"#))
            try database.run(row(5, #"{"acc":1}"#, run: "r2"))
            try database.run(
                #"INSERT INTO configs VALUES (1, 'r1', 'alpha', '{"lr":0.1,"opt":{"name":"adam"},"_Username":null,"_Created":"2026-11-26T11:00:00+00:00","_Group":"g"}', '');"#
            )
            try database.run(
                #"INSERT INTO system_metrics VALUES (1, 'r1', '2026-11-26T11:33:45+00:00', 'alpha', '{"cpu":50}', NULL, NULL);"#
            )
            try database.run("INSERT INTO traces VALUES ('t', 'r1')")
            try database.run(
                "INSERT INTO alerts (run_id, timestamp, run_name, title, text, step) VALUES ('r1', '2026-11-26T11:33:46+00:00', 'alpha', 'high loss', 'look', 1)"
            )
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.newRuns == 2 && report.problemCount == 0 && report.audit?.isEqual == true, "\(report)")
            #expect(report.roundedIntegers == 1 && report.textsStored == 2)
            #expect(
                report.skipped == ["values of the type trackio.table": 1, "traces": 1])
            #expect(
                try place.shown() == [
                    "alpha acc: 0=3.0 1=-inf 1=9007199254740992.0", "alpha cpu {system=host}: 0=50.0",
                    "alpha flag: 0=1.0", "alpha loss {subset=val}: 0=1.0 1=nan", "alpha nested.a: 0=2.5",
                    "beta acc: 5=1.0",
                ])
            let info = try #require(try place.repository.snapshot().runs.first { $0.properties["import.id"] == "r1" })
            #expect(info.params == ["lr": 0.1, "opt.name": "adam"] && info.properties["group"] == "g")
            let created = try #require(TimeText.time("2026-11-26T11:00:00Z"))
            #expect(info.created == created)
            #expect(try place.load(nil).unchangedRuns == 2)
            try database.run(row(7, #"{"acc":4}"#))
            #expect(try place.load(nil).pointsStored == 1)
        }
    }

    /// Databases from before runs had IDs know them by name.
    @Test func readsOldDatabases() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "old.db"))
            try database.run(
                """
                CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL,
                    run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL);
                INSERT INTO metrics VALUES (1, '2025-08-01T10:00:00', 'a', 0, '{"x":1}'), (2, '2025-08-01T10:00:01', 'b', 0, '{"x":2}');
                """)
            #expect(try place.load(nil).newRuns == 2)
            #expect(try place.shown() == ["a x: 0=1.0", "b x: 0=2.0"])
            try database.run(#"INSERT INTO metrics VALUES (3, '2025-08-01T10:00:02', 'a', 1, '{"x":3}')"#)
            #expect(try place.load(nil).pointsStored == 1)
        }
    }

    /// A row that is no object costs that row, and is named by its number.
    @Test func namesDamagedRows() throws {
        let sink = CollectingSink()
        var rows = TrackioRows("db", sink)
        for (number, text) in ["{\"x\":1}", "", "[1]", "{\"x\":", "{\"x\":2}"].enumerated() {
            try rows.metrics(Int64(number), step: 1, time: nil, Array(text.utf8))
        }
        #expect(sink.values("x") == [1, 2] && sink.problems.map(\.line) == [1, 2, 3])
    }
}
