import Varve
import VarveImport

/// Tables of what runs have beside points and properties: attempts, artifacts, records, and text if it is asked for.
struct SQLiteBeside {
    /// Columns that hold doubles have no type, as in the other tables.
    static let schema = """
        CREATE TABLE attempts (
            run TEXT NOT NULL REFERENCES runs, attempt INTEGER NOT NULL, status TEXT NOT NULL, created INTEGER, ended INTEGER,
            resumed_at INTEGER, ranks TEXT NOT NULL, hosts TEXT NOT NULL, points INTEGER NOT NULL,
            lost_points INTEGER NOT NULL, PRIMARY KEY (run, attempt)
        ) WITHOUT ROWID;
        CREATE TABLE artifacts (
            run TEXT NOT NULL REFERENCES runs, name TEXT NOT NULL, version TEXT NOT NULL, step INTEGER, time INTEGER,
            context TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, media_type TEXT NOT NULL, is_here INTEGER NOT NULL
        );
        CREATE INDEX artifacts_by_name ON artifacts (run, name);
        CREATE TABLE records (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs, kind TEXT NOT NULL, metric TEXT NOT NULL,
            context TEXT NOT NULL, step INTEGER, time INTEGER
        );
        CREATE TABLE classes (
            record INTEGER NOT NULL REFERENCES records, class INTEGER NOT NULL, label TEXT NOT NULL, precision, recall, f1, support,
            PRIMARY KEY (record, class)
        ) WITHOUT ROWID;
        CREATE TABLE cells (
            record INTEGER NOT NULL REFERENCES records, truth INTEGER NOT NULL, predicted INTEGER NOT NULL, count,
            PRIMARY KEY (record, truth, predicted)
        ) WITHOUT ROWID;
        CREATE TABLE bins (
            record INTEGER NOT NULL REFERENCES records, bin INTEGER NOT NULL, low, high, count, PRIMARY KEY (record, bin)
        ) WITHOUT ROWID;
        CREATE VIEW confusion AS
            SELECT run, metric, context, step, truth.label AS truth, predicted.label AS predicted, count
            FROM cells JOIN records ON records.id = cells.record
            JOIN classes AS truth ON truth.record = cells.record AND truth.class = cells.truth
            JOIN classes AS predicted ON predicted.record = cells.record AND predicted.class = cells.predicted;
        """

    private static let textSchema = """
        CREATE TABLE text (run TEXT NOT NULL REFERENCES runs, channel TEXT NOT NULL, rank INTEGER, step INTEGER, time INTEGER, text TEXT NOT NULL);
        """

    private let snapshot: Snapshot
    private let file: SQLiteFile
    private(set) var report: ExportReport

    init(_ snapshot: Snapshot, _ file: SQLiteFile, _ report: ExportReport) {
        self.snapshot = snapshot
        self.file = file
        self.report = report
    }

    private static func integer(_ number: Int?) -> SQLiteValue { number.map { .integer(Int64($0)) } ?? .null }
    private static func time(_ time: Int64) -> SQLiteValue { time == WallTime.none ? .null : .integer(time) }

    func writeAttempts(of runs: [RunInfo]) throws(VarveError) {
        let insertion = try file.prepare("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for run in runs {
            for attempt in snapshot.attempts(of: run.id) {
                let ranks = JSONValue.array(attempt.ranks.map { .int(Int64($0)) })
                let hosts = JSONValue.array(attempt.hosts.map { .string($0) })
                try insertion.run(
                    .text(run.id.description), Self.integer(attempt.number), .text(attempt.status.rawValue),
                    Self.time(attempt.created), attempt.ended.map(Self.time) ?? .null, Self.integer(attempt.resumedAt),
                    .text(ranks.text), .text(hosts.text), Self.integer(attempt.points), Self.integer(attempt.lostPoints)
                )
            }
        }
    }

    /// What is said of artifacts; their contents stay where they are.
    mutating func writeArtifacts(of runs: [RunInfo]) throws(VarveError) {
        let insertion = try file.prepare("INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for run in runs {
            for artifact in try snapshot.artifacts(of: run.id) {
                try insertion.run(
                    .text(run.id.description), .text(artifact.name), .text(artifact.version),
                    Self.integer(artifact.step),
                    Self.time(artifact.time), .text(ExportLabels.text(artifact.context)), .text(artifact.sha256),
                    Self.integer(artifact.size), .text(artifact.mediaType), .integer(artifact.path == nil ? 0 : 1))
                report.artifacts += 1
            }
        }
    }

    /// - Parameter query: whose metric, context and steps choose.
    mutating func writeRecords(
        of runs: [RunInfo], _ query: Query, _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        let insertion = try file.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)")
        let classes = try file.prepare("INSERT INTO classes VALUES (?, ?, ?, ?, ?, ?, ?)")
        let cells = try file.prepare("INSERT INTO cells VALUES (?, ?, ?, ?)")
        let bins = try file.prepare("INSERT INTO bins VALUES (?, ?, ?, ?, ?)")
        var count = 0
        func write(_ report: ClassReport, of record: SQLiteValue) throws(VarveError) {
            for (i, row) in report.classes.enumerated() {
                try classes.run(
                    record, Self.integer(i), .text(row.label), .real(row.precision), .real(row.recall), .real(row.f1),
                    .real(row.support))
            }
        }
        for run in runs {
            try snapshot.forEachRecord(of: run.id, in: query) { record throws(VarveError) in
                count += 1
                let id = Self.integer(count)
                try insertion.run(
                    id, .text(run.id.description), .text(record.content.kind.rawValue), .text(record.metric.name),
                    .text(ExportLabels.text(record.metric.context)), Self.integer(record.step), Self.time(record.time))
                switch record.content {
                case .classReport(let report): try write(report, of: id)
                case .confusionMatrix(let matrix):
                    try write(ClassReport(matrix), of: id)
                    for cell in matrix.cells {
                        try cells.run(id, Self.integer(cell.truth), Self.integer(cell.predicted), .real(cell.count))
                    }
                case .histogram(let histogram):
                    for (i, number) in histogram.counts.enumerated() {
                        try bins.run(
                            id, Self.integer(i), .real(histogram.edges[i]), .real(histogram.edges[i + 1]), .real(number)
                        )
                    }
                }
                try progress(Progress(unit: "records", done: count, total: nil))
            }
        }
        report.records = count
    }

    mutating func writeText(
        of runs: [RunInfo], _ progress: (Progress) throws(VarveError) -> Void
    ) throws(VarveError) {
        try file.run(Self.textSchema)
        let insertion = try file.prepare("INSERT INTO text VALUES (?, ?, ?, ?, ?, ?)")
        var lines = 0
        for run in runs {
            try snapshot.forEachLine(of: run.id) { line throws(VarveError) in
                try insertion.run(
                    .text(run.id.description), .text(line.channel), Self.integer(line.rank), Self.integer(line.step),
                    Self.time(line.time), .text(line.text))
                lines += 1
                if lines % 1_024 == 0 { try progress(Progress(unit: "lines", done: lines, total: nil)) }
            }
        }
        report.lines = lines
        try file.run("CREATE INDEX text_by_run ON text (run, channel);")
    }
}
