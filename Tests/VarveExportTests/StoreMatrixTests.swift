import Testing
import Varve
import VarveFiles
import VarveImport
import VarveTestSupport

@testable import VarveExport

/// Shows that what goes out as event files, as a folder store and as a database is what TensorBoard, MLflow and SQLite read: all
/// points in their order, bit for bit where the format can hold them; what it can't is listed here, and in Docs/Export.md.
struct StoreMatrixTests {
    private typealias Row = ExpectedPoints

    /// Rows in order of their first two cells after `kind`, as the readers walk; points in order of logging.
    private struct Grouped {
        private var groups: [ExactText: [ExactText: [String]]] = [:]

        mutating func add(_ a: String, _ b: String, _ row: String) {
            groups[ExactText(a), default: [:]][ExactText(b), default: []].append(row)
        }

        var rows: [String] {
            groups.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.flatMap(\.value) }
        }
    }

    private func forEachPoint(
        _ snapshot: Snapshot, _ body: (RunInfo, MetricKey, Int, Int64, Double) throws -> Void
    ) throws {
        let runs = Dictionary(uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0) })
        let reader = try snapshot.series(Query())
        while let chunk = try reader.next() {
            let run = try #require(runs[chunk.run])
            for i in 0..<chunk.count { try body(run, chunk.metric, chunk.steps[i], chunk.times[i], chunk.values[i]) }
        }
    }

    // MARK: TensorBoard

    /// The folders of the repository's runs, and of its contexts in them.
    private func folder(_ snapshot: Snapshot, _ run: RunInfo, _ context: [MetricKey.ContextPair]) -> String {
        let twins = snapshot.runs.filter { $0.name == "twin" }
        let name =
            switch run.name {
            case "twin": run.id == twins[0].id ? "twin" : "twin-\(run.id)"
            case "long": "long"
            case "": "_"
            default: "run _1_/größe_\u{1F9EA}"
            }
        switch context.count {
        case 0: return name
        case 1: return "\(name)/\(context[0].value)"
        default: return "\(name)/k==;v,__,subset=tr_ain"
        }
    }

    @Test(
        .enabled(if: ForeignReader.has("tensorboard"), ForeignReader.skipMessage("tensorboard")),
        arguments: TensorBoardNumbers.allCases)
    func tensorBoardReadsEventFiles(_ numbers: TensorBoardNumbers) throws {
        let snapshot = try HardRepository(longSeries: 3_000).snapshot
        try withTemporaryDirectory { directory in
            let path = "\(directory)/events"
            let report = try snapshot.exportTensorBoard(Query(), to: path, numbers: numbers)
            let lines = try ForeignReader.lines("read_tensorboard", path)
            var expected = Grouped()
            var simple = Grouped()
            var counts: [[String]: (points: Int, isFloat: Bool)] = [:]
            try forEachPoint(snapshot) { run, metric, step, time, value in
                let folder = folder(snapshot, run, metric.context)
                // No time is 0; others are rounded to what a double of seconds holds.
                let seconds = time == .min ? 0 : WallTime.seconds(time)
                let shown = numbers == .exact ? value : Double(Float(value))
                let row = Row.row(
                    "scalar", .string(folder), .string(metric.name), .int(Int64(step)), .string(Row.hex(seconds)),
                    .string(Row.hex(shown)))
                expected.add(folder, metric.name, row)
                var count = counts[[folder, metric.name]] ?? (0, true)
                count.points += 1
                if numbers == .exact, Double(Float(value)).bitPattern != value.bitPattern { count.isFloat = false }
                counts[[folder, metric.name]] = count
            }
            for (key, count) in counts where count.isFloat {
                simple.add(
                    key[0], key[1],
                    Row.row("simple", .string(key[0]), .string(key[1]), .int(Int64(count.points))))
            }
            expectSame(lines.filter { $0.hasPrefix(#"["scalar""#) }, expected.rows, "scalars")
            expectSame(lines.filter { $0.hasPrefix(#"["simple""#) }, simple.rows, "simple values")
            #expect(!simple.rows.isEmpty && report.points == expected.rows.count && report.runs == 5)
            let params = lines.filter { $0.hasPrefix(#"["param""#) && $0.contains("run _1_") }
            let first = "run _1_/größe_\u{1F9EA}"
            expectSame(
                params,
                [
                    ("big", "number_value", .string(Row.hex(0x1p63))),
                    ("l", "string_value", .string("[1,{\"a\":null}]")),
                    ("lr", "number_value", .string(Row.hex(0.1))), ("n", "number_value", .string(Row.hex(3))),
                    ("nan", "number_value", .string(Row.hex(.nan))), ("none", "null_value", .int(0)),
                    ("s", "string_value", .string("tëxt\n")), ("t", "bool_value", .bool(true)),
                ].map { (key: String, kind: String, value: JSONValue) in
                    Row.row("param", .string(first), .string(key), .string(kind), value)
                }, "params")
            let ends = lines.filter { $0.hasPrefix(#"["end""#) && $0.contains("twin") }
            #expect(ends.contains { $0.hasSuffix(",1]") } && ends.contains { $0.hasSuffix(",2]") })
            #expect(report.renamings.contains { $0.kind == .run && $0.name.contains("\n") && $0.becomes == first })
        }
    }

    /// Our own importer brings event files back to the same values, contexts of subsets included.
    @Test func eventFilesComeBack() throws {
        try withTemporaryDirectory { directory in
            let snapshot = try HardRepository(longSeries: 3_000).snapshot
            let twins = snapshot.runs.filter { $0.name == "twin" || $0.name == "long" }.map(\.id)
            _ = try snapshot.exportTensorBoard(Query(runs: twins), to: "\(directory)/events", numbers: .exact)
            let copy = try Repository.create(at: "\(directory)/copy")
            let report = try copy.importLogs(.tensorboard, from: "\(directory)/events")
            let (old, new) = (try series(snapshot, Query(runs: twins)), try series(copy.snapshot(), Query()))
            #expect(report.pointsStored == old.values.reduce(0) { $0 + $1.count })
            #expect(old == new)
        }
    }

    /// Values by run (of twins the first of the name), metric and step.
    private func series(_ snapshot: Snapshot, _ query: Query) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        let names = Dictionary(
            uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0.name.contains("twin") ? "twin" : $0.name) })
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            let key = "\(names[chunk.run] ?? "") \(chunk.metric.name) \(Row.context(chunk.metric))"
            for i in 0..<chunk.count {
                found[key, default: []].append("\(chunk.steps[i]) \(Row.hex(chunk.values[i]))")
            }
        }
        return found.mapValues { $0.sorted() }
    }

    // MARK: MLflow

    /// Where a metric of the repository is found in MLflow: the names that it refuses, changed.
    private func mlflowName(_ metric: MetricKey, _ report: ExportReport) -> String {
        let plain =
            switch metric.context.count {
            case 0: metric.name
            case 1: "\(metric.context[0].value)/\(metric.name)"
            default: ([metric.name] + metric.context.map { "\($0.key).\($0.value)" }).joined(separator: "/")
            }
        let renaming = report.renamings.first { $0.kind == .metric && $0.name.utf8.elementsEqual(plain.utf8) }
        return renaming?.becomes ?? plain
    }

    @Test(.enabled(if: ForeignReader.has("mlflow"), ForeignReader.skipMessage("mlflow")))
    func mlflowReadsFolderStores() throws {
        let hard = try HardRepository(longSeries: 3_000)
        let snapshot = hard.snapshot
        try withTemporaryDirectory { directory in
            let path = "\(directory)/mlruns"
            let report = try snapshot.exportMLflow(Query(), to: path, experiment: "größe: \"1\"\n")
            let lines = try ForeignReader.lines("read_mlflow", path)
            #expect(lines.first == Row.row("experiment", "größe: \"1\"\n"))
            var expected = Grouped()
            var names: Set<String> = []
            try forEachPoint(snapshot) { run, metric, step, time, value in
                let name = mlflowName(metric, report)
                names.insert(name)
                // Milliseconds; no time is 0. A NaN loses what it carries.
                let stamp = time == .min ? 0 : time / 1_000_000 - (time % 1_000_000 < 0 ? 1 : 0)
                expected.add(
                    run.id.description, name,
                    Row.row(
                        "metric", .string(run.id.description), .string(name), .int(stamp), .int(Int64(step)),
                        .string(Row.hex(value.isNaN ? .nan : value))))
            }
            expectSame(lines.filter { $0.hasPrefix(#"["metric""#) }, expected.rows, "metrics")
            #expect(names.count == Set(try snapshot.metrics().map(\.metric)).count)
            for info in snapshot.runs {
                let status = info.status == .failed ? "FAILED" : "FINISHED"
                let times = [info.created, try #require(info.ended)].map { JSONValue.int($0 / 1_000_000) }
                let row = Row.row(
                    "run", .string(info.id.description), .string(info.name), .string(status), times[0], times[1])
                #expect(lines.contains(row), "\(row)")
            }
            let first = hard.first.description
            for (key, value) in [
                ("lr", "0.1"), ("s", "tëxt\n"), ("t", "True"), ("none", "None"), ("nan", "nan"),
                ("l", "[1,{\"a\":null}]"),
            ] {
                let row = Row.row("param", .string(first), .string(key), .string(value))
                #expect(lines.contains(row), "\(row)")
            }
            for (key, value) in [("good", "True"), ("mlflow.note.content", "two\nlines"), ("values.best", "0.25")] {
                let row = Row.row("tag", .string(first), .string(key), .string(value))
                #expect(lines.contains(row), "\(row)")
            }
        }
    }

    /// Our own importer brings folder stores back: values and steps, params with their types, contexts of subsets.
    @Test func folderStoresComeBack() throws {
        try withTemporaryDirectory { directory in
            let snapshot = try HardRepository(longSeries: 3_000).snapshot
            let runs = snapshot.runs.filter { $0.name == "twin" || $0.name == "long" }
            let query = Query(runs: runs.map(\.id))
            _ = try snapshot.exportMLflow(query, to: "\(directory)/mlruns", experiment: "e")
            let copy = try Repository.create(at: "\(directory)/copy")
            _ = try copy.importLogs(try #require(ImportFormat("mlflow")), from: "\(directory)/mlruns")
            let back = try copy.snapshot()
            // Twins have the same names in MLflow, too: both are compared as one.
            let (old, new) = (try series(snapshot, query), try series(back, Query()))
            #expect(old.values.reduce(0) { $0 + $1.count } == new.values.reduce(0) { $0 + $1.count })
            #expect(old == new)
            #expect(back.runs.count == 3 && Set(back.runs.map { $0.params["part"] }) == [nil, .int(0), .int(1)])
            #expect(back.runs.count { $0.status == .failed } == 1)
        }
    }

    // MARK: SQLite

    @Test(.enabled(if: ForeignReader.has("sqlite3"), ForeignReader.skipMessage("sqlite3")))
    func sqliteHoldsEverything() throws {
        let hard = try HardRepository(longSeries: 3_000)
        let snapshot = hard.snapshot
        try withTemporaryDirectory { directory in
            let path = "\(directory)/all.sqlite"
            let report = try snapshot.exportSQLite(Query(), to: path, withPoints: true)
            let lines = try ForeignReader.lines("read_sqlite", path)
            var expected: [String] = []
            try forEachPoint(snapshot) { run, metric, step, time, value in
                expected.append(
                    Row.row(
                        "point", .string(run.id.description), .string(run.name), .string(metric.name),
                        .string(Row.context(metric)), .int(Int64(step)), Row.time(time),
                        // SQLite has no NaN.
                        value.isNaN ? .null : .string(Row.hex(value))))
            }
            #expect(report.points == expected.count)
            expectSame(lines.filter { $0.hasPrefix(#"["point""#) }, expected, "points")
            let first = hard.first.description
            for row in [
                Row.row("property", .string(first), "params.big", "int", .int(.max)),
                Row.row("property", .string(first), "params.lr", "double", .string(Row.hex(0.1))),
                Row.row("property", .string(first), "params.nan", "double", .null),
                Row.row("property", .string(first), "params.none", "null", .null),
                Row.row("property", .string(first), "params.l", "json", "[1,{\"a\":null}]"),
                Row.row("property", .string(first), "params.t", "bool", 1),
            ] { #expect(lines.contains(row), "\(row)") }
            let series = try snapshot.statistics(Query()).map { one in
                func hex(_ point: (value: Double, step: Int)?) -> JSONValue {
                    point.flatMap { $0.value.isNaN ? nil : .string(Row.hex($0.value)) } ?? .null
                }
                return Row.row(
                    "series", .string(one.run.description), .string(one.metric.name), .string(Row.context(one.metric)),
                    .int(Int64(one.count)), .int(Int64(one.steps?.lowerBound ?? 0)),
                    .int(Int64(one.steps?.upperBound ?? 0)), hex(one.min), hex(one.max), hex(one.last),
                    .int(Int64(one.nan)))
            }
            expectSame(lines.filter { $0.hasPrefix(#"["series""#) }, series, "series")
            #expect(lines.count { $0.hasPrefix(#"["run""#) } == 5)
        }
    }

    /// What is there already stays; what fails leaves nothing.
    @Test func leavesWhatIsThere() throws {
        let snapshot = try HardRepository(longSeries: 10).snapshot
        struct Enough: Error {}
        try withTemporaryDirectory { directory in
            let system = RealFileSystem()
            try system.makeDirectory("\(directory)/full")
            try system.makeDirectory("\(directory)/full/x")
            #expect(throws: VarveError.self) { try snapshot.exportTensorBoard(Query(), to: "\(directory)/full") }
            #expect(throws: VarveError.self) {
                try snapshot.exportMLflow(Query(), to: "\(directory)/full/", experiment: "e")
            }
            #expect(throws: VarveError.self) { try snapshot.exportSQLite(Query(), to: "\(directory)/full") }
            let interrupted = { (_: Progress) throws(VarveError) in throw VarveError(.state, "enough") }
            #expect(throws: VarveError.self) {
                try snapshot.exportTensorBoard(Query(), to: "\(directory)/a", progress: interrupted)
            }
            #expect(throws: VarveError.self) {
                try snapshot.exportMLflow(Query(), to: "\(directory)/b", experiment: "e", progress: interrupted)
            }
            #expect(throws: VarveError.self) {
                try snapshot.exportSQLite(Query(), to: "\(directory)/c", withPoints: true, progress: interrupted)
            }
            #expect(try system.list(directory) == ["full"])
            // An empty directory may be filled.
            try system.makeDirectory("\(directory)/empty")
            _ = try snapshot.exportTensorBoard(Query(metric: "loss"), to: "\(directory)/empty/")
            #expect(try system.list("\(directory)/empty").count == 5)
        }
    }
}
