import Varve
import VarveFiles
import VarveImport

extension Snapshot {
    /// Writes runs with their properties, attempts, artifacts and records, and what is known of each series, as a SQLite database; all
    /// points and texts, too, if they are asked for.
    ///
    /// Docs/Export.md shows the tables, and says what SQLite can't hold.
    /// - Parameters:
    ///   - path: a file that must not exist; it has everything once this returns, and isn't there before.
    ///   - withPoints: whether there is a table of all points.
    ///   - withText: whether there is one of console output and other text.
    ///   - progress: told of points, records and lines now and then; what it throws ends the export.
    public func exportSQLite(
        _ query: Query, to path: String, withPoints: Bool = false, withText: Bool = false,
        progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> ExportReport {
        let staged = try StagedOutput(path, isDirectory: false)
        var export = try SQLiteExport(self, query, to: staged.path)
        try export.writeRuns()
        try export.writeBeside(withText: withText, progress)
        try export.writeSeries()
        if withPoints { try export.writePoints(progress) }
        try export.finish()
        try staged.publish()
        return export.report
    }
}

/// An export under way.
private struct SQLiteExport {
    private let snapshot: Snapshot
    private let query: Query
    private let path: String
    private let file: SQLiteFile
    private(set) var report = ExportReport()

    /// Columns that hold doubles have no type: SQLite would keep `-0.0` as 0 in one of reals.
    private static let schema = """
        CREATE TABLE runs (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL, ended INTEGER,
            attempt INTEGER NOT NULL, points INTEGER NOT NULL, lost_points INTEGER NOT NULL, forked_from TEXT
        ) WITHOUT ROWID;
        CREATE TABLE properties (
            run TEXT NOT NULL REFERENCES runs, key TEXT NOT NULL, type TEXT NOT NULL, value, PRIMARY KEY (run, key)
        ) WITHOUT ROWID;
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs, metric TEXT NOT NULL, context TEXT NOT NULL,
            count INTEGER NOT NULL, lowest_step INTEGER, highest_step INTEGER, min, min_step INTEGER, max,
            max_step INTEGER, last, last_step INTEGER, nan INTEGER NOT NULL, infinite INTEGER NOT NULL, UNIQUE (run, metric, context)
        );
        CREATE VIEW params AS
            SELECT run, substr(key, 8) AS key, type, value FROM properties WHERE substr(key, 1, 7) = 'params.';
        CREATE VIEW tags AS SELECT run, substr(key, 6) AS tag, value FROM properties WHERE substr(key, 1, 5) = 'tags.';
        """

    /// - Parameter withAttempts: whether the attempt that logged each point comes last.
    private static func pointsSchema(withAttempts: Bool) -> String {
        """
        CREATE TABLE points (
            series INTEGER NOT NULL REFERENCES series, step INTEGER NOT NULL, time INTEGER, value\(withAttempts ? ", attempt INTEGER" : "")
        );
        CREATE VIEW long AS SELECT series.run, runs.name, metric, context, step, time, value\(withAttempts ? ", points.attempt" : "")
            FROM points JOIN series ON series.id = points.series JOIN runs ON runs.id = series.run;
        """
    }

    init(_ snapshot: Snapshot, _ query: Query, to path: String) throws(VarveError) {
        self.snapshot = snapshot
        self.query = query
        self.path = path
        file = try SQLiteFile(creating: path)
        try file.run(Self.schema)
        try file.run(SQLiteBeside.schema)
    }

    mutating func writeRuns() throws(VarveError) {
        let run = try file.prepare("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let property = try file.prepare("INSERT INTO properties VALUES (?, ?, ?, ?)")
        for info in snapshot.runs(of: query) {
            let id = info.id.description
            try run.run(
                .text(id), .text(info.name), .text(info.status.rawValue), .integer(info.created),
                info.ended.map { .integer($0) } ?? .null, .integer(Int64(info.attempt)), .integer(Int64(info.points)),
                .integer(Int64(info.lostPoints)), info.forkedFrom.map { .text($0.description) } ?? .null)
            for (key, value) in info.properties.sorted(by: { $0.key.precedesByBytes($1.key) }) {
                let (type, stored) = Self.stored(value)
                try property.run(.text(id), .text(key), .text(type), stored)
            }
            report.runs += 1
        }
    }

    mutating func writeBeside(
        withText: Bool, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        let runs = snapshot.runs(of: query)
        var beside = SQLiteBeside(snapshot, file, report)
        try beside.writeAttempts(of: runs)
        try beside.writeArtifacts(of: runs)
        try beside.writeRecords(of: runs, query, progress)
        if withText { try beside.writeText(of: runs, progress) }
        report = beside.report
    }

    private static func stored(_ value: PropertyValue) -> (type: String, value: SQLiteValue) {
        switch value {
        case .absent, .null: ("null", .null)
        case .bool(let flag): ("bool", .integer(flag ? 1 : 0))
        case .int(let number): ("int", .integer(number))
        case .double(let number): ("double", .real(number))
        case .string(let text): ("string", .text(text))
        case .json(let text): ("json", .text(text))
        }
    }

    private struct Series: Hashable {
        var run: RunID
        var metric: MetricKey
    }

    private var numbers: [Series: Int64] = [:]

    mutating func writeSeries() throws(VarveError) {
        let insertion = try file.prepare(
            "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for (number, one) in try snapshot.statistics(query).enumerated() {
            let id = Int64(number + 1)
            numbers[Series(run: one.run, metric: one.metric)] = id
            func step(_ step: Int?) -> SQLiteValue { step.map { .integer(Int64($0)) } ?? .null }
            func real(_ point: (value: Double, step: Int)?) -> SQLiteValue { point.map { .real($0.value) } ?? .null }
            try insertion.run(
                .integer(id), .text(one.run.description), .text(one.metric.name),
                .text(ExportLabels.text(one.metric.context)), .integer(Int64(one.count)),
                step(one.steps?.lowerBound), step(one.steps?.upperBound), real(one.min), step(one.min?.step),
                real(one.max), step(one.max?.step), real(one.last), step(one.last?.step), .integer(Int64(one.nan)),
                .integer(Int64(one.positiveInfinite + one.negativeInfinite)))
        }
    }

    mutating func writePoints(_ progress: (Progress) throws(VarveError) -> Void) throws(VarveError) {
        let withAttempts = query.hasAttempts
        try file.run(Self.pointsSchema(withAttempts: withAttempts))
        let insertion = try file.prepare("INSERT INTO points VALUES (?, ?, ?, ?\(withAttempts ? ", ?" : ""))")
        var (points, rounded) = (0, 0)
        let numbers = numbers
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            guard let series = numbers[Series(run: view.run, metric: view.metric)] else {
                throw VarveError(.damaged, "a series came to light while the repository was read", remedy: "try again")
            }
            if withAttempts, let attempt = view.attempt { try insertion.bind(Int64(attempt), 5) }
            for i in 0..<view.count {
                let time = view.times[i]
                if view.values[i].isNaN { rounded += 1 }
                try insertion.run(
                    series: series, step: Int64(view.steps[i]), time: time == WallTime.none ? nil : time,
                    value: view.values[i])
            }
            points += view.count
            try progress(Progress(unit: "points", done: points, total: nil))
        }
        report.points = points
        report.rounded = rounded
        try file.run("CREATE INDEX points_by_step ON points (series, step);")
    }

    mutating func finish() throws(VarveError) {
        try file.finish()
        report.files = 1
        do throws(FileError) {
            let written = try RealFileSystem().open(path, .update)
            defer { written.close() }
            report.bytes = try written.size()
            try written.sync()
        } catch {
            throw VarveError(error)
        }
    }
}
