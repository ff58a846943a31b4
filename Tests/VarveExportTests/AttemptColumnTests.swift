import Testing
import Varve
import VarveFiles
import VarveImport
import VarveTestSupport

@testable import VarveExport

/// Shows that where superseded points are exported, too, each says which attempt logged it, and that the column is nowhere else.
struct AttemptColumnTests {
    /// Three attempts of a run, each of which took some of the one before back, and one attempt of another. The thousands of a value are
    /// its attempt, so that every row tells whether its column is right.
    private static func repository() throws -> Repository {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 2), host: SimulatedHost(SimulatedMachine(seed: 2)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.compaction = .never
        let run = try repository.startRun(name: "restarted", options: options)
        for attempt in 0..<3 {
            let part = attempt == 0 ? run : try repository.resumeRun(run.id, from: 10 * attempt, options: options)
            for name in ["acc", "loss"] {
                let series = try part.series(name, context: ["subset": "val"])
                for step in (10 * attempt)..<(20 + 10 * attempt) {
                    series.log(Double(1000 * attempt + step), step: step)
                }
            }
            try part.finish()
            if attempt == 1 { _ = try repository.compact() }
        }
        let other = try repository.startRun(name: "other", options: options)
        try other.series("loss").log(7, step: 7)
        try other.finish()
        return repository
    }

    private func lines(_ snapshot: Snapshot, _ format: ExportFormat, _ view: Query.View, pixels: Int? = nil) throws
        -> [String]
    {
        var bytes: [UInt8] = []
        _ = try snapshot.export(Query(view: view), as: format, pixels: pixels) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: [false, true]) func linesSayTheirAttempt(isIndexed: Bool) throws {
        let repository = try Self.repository()
        if isIndexed { _ = try repository.compact() }
        let snapshot = try repository.snapshot()
        let csv = try lines(snapshot, .csv, .all)
        #expect(csv.first == "run,metric,context,step,time,value,attempt" && csv.count == 1 + 2 * 60 + 1)
        var superseded = 0
        for line in csv.dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let (step, value) = (try #require(Int(cells[3])), try #require(Double(cells[5])))
            #expect(cells.count == 7 && Int(cells[6]) == Int(value) / 1000, "\(line)")
            if value < 1000 && step >= 10 || value < 2000 && step >= 20 { superseded += 1 }
        }
        #expect(superseded == 2 * 20)
        let objects = try lines(snapshot, .jsonl, .all).map { try JSONValue(parsing: $0) }.filter {
            $0["metric"] != nil
        }
        #expect(objects.count == csv.count - 1)
        for object in objects {
            #expect(object["attempt"]?.intValue == object["value"]?.doubleValue.map { Int64($0) / 1000 })
        }
        // Only there, and not where points are thinned.
        #expect(try lines(snapshot, .csv, .standard).first == "run,metric,context,step,time,value")
        #expect(try lines(snapshot, .csv, .lastPerStep).first == "run,metric,context,step,time,value")
        #expect(try lines(snapshot, .csv, .all, pixels: 10).first == "run,metric,context,step,time,value")
        #expect(try !lines(snapshot, .jsonl, .standard).contains { $0.contains("\"attempt\"") })
    }

    /// `varve import` knows its own tables with the column, too; attempts become one.
    @Test(arguments: [ExportFormat.csv, .jsonl]) func comesBackWithoutAttempts(_ format: ExportFormat) throws {
        let text = try lines(Self.repository().snapshot(), format, .all).joined(separator: "\n") + "\n"
        try withTemporaryDirectory { directory in
            let path = "\(directory)/all.\(format.rawValue)"
            let file = try RealFileSystem().open(path, .createNew)
            try file.write(Array(text.utf8), at: 0)
            file.close()
            let copy = try Repository.create(at: "\(directory)/copy")
            let report = try copy.importLogs(try #require(ImportFormat(format.rawValue)), from: path)
            #expect(report.problemCount == 0)
            let snapshot = try copy.snapshot()
            #expect(try snapshot.metrics().map { $0.metric.name } == ["acc", "loss", "loss"])
            #expect(snapshot.runs.reduce(0) { $0 + $1.points } == 121)
        }
    }

    @Test(.enabled(if: TableMatrixTests.hasReaders, TableMatrixTests.skipped), arguments: TableMatrixTests.pairs)
    func tablesSayTheirAttempt(_ reader: TableMatrixTests.Reader, _ format: ExportFormat) throws {
        let snapshot = try Self.repository().snapshot()
        let query = Query(view: .all)
        let expected = try ExpectedPoints.long(snapshot, query)
        try withTemporaryDirectory { directory in
            let path = "\(directory)/all.\(format.rawValue)"
            let file = try RealFileSystem().open(path, .createNew)
            var end = 0
            _ = try snapshot.export(query, as: format) { bytes throws(VarveError) in
                do throws(FileError) { try file.write(bytes, at: end) } catch { throw VarveError(error) }
                end += bytes.count
            }
            file.close()
            var lines = try ForeignReader.lines("read_\(reader)", format.rawValue, path)
            if reader == .duckdb { lines.removeLast() }
            #expect(lines[0] == #"["run","name","metric","context","step","time","value","attempt"]"#)
            let rows = try lines.dropFirst(2).map { try #require(try JSONValue(parsing: $0).arrayValue) }
            expectSame(rows.map { JSONValue.array($0.dropLast()).text }, expected, "\(format) with \(reader)")
            for row in rows {
                let bits = try #require(row[6].stringValue.flatMap { UInt64($0, radix: 16) })
                #expect(row[7].intValue == Int64(Double(bitPattern: bits)) / 1000)
            }
        }
    }

    @Test(.enabled(if: ForeignReader.has("sqlite3"), ForeignReader.skipMessage("sqlite3")))
    func databasesSayTheirAttempt() throws {
        let snapshot = try Self.repository().snapshot()
        try withTemporaryDirectory { directory in
            func points(_ query: Query, _ name: String) throws -> [[JSONValue]] {
                let path = "\(directory)/\(name).sqlite"
                _ = try snapshot.exportSQLite(query, to: path, withPoints: true)
                return try ForeignReader.lines("read_sqlite", path).map {
                    try #require(try JSONValue(parsing: $0).arrayValue)
                }
                .filter { $0.first == "point" }
            }
            let all = try points(Query(view: .all), "all")
            #expect(all.count == 121)
            for row in all {
                let bits = try #require(row[7].stringValue.flatMap { UInt64($0, radix: 16) })
                #expect(row.count == 9 && row[8].intValue == Int64(Double(bitPattern: bits)) / 1000)
            }
            #expect(try points(Query(), "standard").allSatisfy { $0.count == 8 })
        }
    }
}
