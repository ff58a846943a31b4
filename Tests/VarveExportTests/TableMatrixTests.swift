import Glibc
import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveExport

/// Shows that Arrow and Parquet files hold every point, bit for bit: what pyarrow, DuckDB and polars read of them is compared row
/// by row with what the repository holds.
struct TableMatrixTests {
    enum Reader: String, CaseIterable { case pyarrow, duckdb, polars }

    /// Who reads what.
    static let pairs: [(reader: Reader, format: ExportFormat)] = Reader.allCases.flatMap { reader in
        [ExportFormat.arrow, .arrowStream, .parquet].filter { reader != .duckdb || $0 == .parquet }.map { (reader, $0) }
    }

    static let hasReaders = Reader.allCases.allSatisfy { ForeignReader.has($0.rawValue) }
    static let skipped = ForeignReader.skipMessage("pyarrow, duckdb and polars")

    private func export(
        _ snapshot: Snapshot, _ query: Query, _ format: ExportFormat, isWide: Bool, zips: Bool, to path: String
    ) throws -> Int {
        var bytes: [UInt8] = []
        // Small enough for several batches, and for several pages in each.
        let table = TableExport(
            snapshot: snapshot, query: query, zips: zips, threads: 3, rowsAtOnce: 1_000, valuesAPage: 408)
        let take = { (block: [UInt8]) throws(VarveError) in bytes += block }
        let count =
            format == .parquet
            ? try table.parquet(isWide: isWide, pixels: nil, to: take)
            : try table.arrow(isFile: format == .arrow, isWide: isWide, pixels: nil, to: take)
        let file = try RealFileSystem().open(path, .createNew)
        try file.write(bytes, at: 0)
        file.close()
        return count
    }

    @Test(.enabled(if: hasReaders, skipped), arguments: pairs)
    func holdsEveryPoint(_ reader: Reader, _ format: ExportFormat) throws {
        let snapshot = try HardRepository(longSeries: 3_000).snapshot
        let expected = try ExpectedPoints.long(snapshot)
        try withTemporaryDirectory { directory in
            for zips in [false, true] {
                let path = "\(directory)/long-\(zips).\(format.rawValue)"
                let count = try export(snapshot, Query(), format, isWide: false, zips: zips, to: path)
                #expect(count == expected.count)
                let lines = try ForeignReader.lines("read_\(reader)", format.rawValue, path)
                try #require(lines.count > 2)
                #expect(lines[0] == #"["run","name","metric","context","step","time","value"]"#)
                expectTypes(lines[1], reader, format)
                var rows = Array(lines[2...])
                if reader == .duckdb { try expectSpecial(rows.removeLast(), snapshot) }
                let shown = reader == .duckdb ? expected.map(Self.withoutEnds) : expected
                expectSame(rows, shown, "\(format) with \(reader), compressed: \(zips)")
            }
        }
    }

    /// DuckDB takes the first and the last nanosecond of 64 bits for its infinities, which are no numbers.
    private static func withoutEnds(_ row: String) -> String {
        var cells = (try? JSONValue(parsing: row))?.arrayValue ?? []
        // The long form has the time behind the step at 5, the wide one at 4.
        let place = cells.count > 4 && cells[3].intValue != nil ? 4 : 5
        if let time = cells[place].intValue, time == .max || time == .min + 1 { cells[place] = .null }
        return JSONValue.array(cells).text
    }

    private func expectTypes(_ line: String, _ reader: Reader, _ format: ExportFormat) {
        switch (reader, format) {
        case (.pyarrow, .parquet):
            #expect(
                line == #"["string not null","string not null","string not null","string not null","int64 not null","#
                    + #""timestamp[ns, tz=UTC]","double not null"]"#)
        case (.pyarrow, _): #expect(line.hasSuffix(#""int64 not null","timestamp[ns, tz=UTC]","double not null"]"#))
        case (.duckdb, _): #expect(line.hasPrefix(#"["VARCHAR","VARCHAR","VARCHAR","VARCHAR","BIGINT","TIMESTAMP"#))
        case (.polars, _):
            #expect(line.hasSuffix(#""Int64","Datetime(time_unit='ns', time_zone='UTC')","Float64"]"#), "\(line)")
        }
    }

    /// DuckDB prunes by the statistics of row groups: a wrong one would hide zeros or infinities.
    private func expectSpecial(_ line: String, _ snapshot: Snapshot) throws {
        var count: Int64 = 0
        let reader = try snapshot.series(Query())
        while let chunk = try reader.next() {
            for i in 0..<chunk.count where chunk.values[i] == 0 || chunk.values[i].isInfinite { count += 1 }
        }
        #expect(line == ExpectedPoints.row("special", "value", .int(count), .int(count)))
    }

    @Test(.enabled(if: hasReaders, skipped), arguments: pairs)
    func holdsEveryPointWide(_ reader: Reader, _ format: ExportFormat) throws {
        let snapshot = try HardRepository(longSeries: 3_000).snapshot
        try withTemporaryDirectory { directory in
            let path = "\(directory)/wide.\(format.rawValue)"
            _ = try export(snapshot, Query(), format, isWide: true, zips: true, to: path)
            let lines = try ForeignReader.lines("read_\(reader)", format.rawValue, path)
            let metrics = Set(try snapshot.metrics().map { ExactText($0.metric.name) }).sorted().map(\.text)
            let rows = lines.dropFirst(2).filter { !$0.hasPrefix(#"["special""#) }
            let expected = try ExpectedPoints.wide(snapshot, metrics)
            expectSame(rows, reader == .duckdb ? expected.map(Self.withoutEnds) : expected, "\(format) with \(reader)")
            let titles = try #require(try JSONValue(parsing: lines[0]).arrayValue?.compactMap(\.stringValue))
            #expect(titles.prefix(5) == ["run", "name", "context", "step", "time"])
            #expect(titles.contains("metric.step") && titles.contains("Loss_2") || titles.contains("loss_2"))
            #expect(Set(titles.map { $0.lowercased() }).count == titles.count)
        }
    }

    @Test(.enabled(if: hasReaders, skipped), arguments: pairs)
    func holdsNothing(_ reader: Reader, _ format: ExportFormat) throws {
        let snapshot = try HardRepository(longSeries: 1).snapshot
        try withTemporaryDirectory { directory in
            for isWide in [false, true] {
                let path = "\(directory)/\(isWide).\(format.rawValue)"
                let query = Query(metric: "there is none")
                #expect(try export(snapshot, query, format, isWide: isWide, zips: false, to: path) == 0)
                let lines = try ForeignReader.lines("read_\(reader)", format.rawValue, path)
                #expect(lines.filter { !$0.hasPrefix(#"["special""#) }.count == 2)
            }
        }
    }
}
