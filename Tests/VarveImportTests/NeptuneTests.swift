import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that runs which neptune-exporter left as Parquet come in whole, from files written here by pyarrow with its schema.
@Suite(.enabled(if: Python.hasPyarrow, Python.message("pyarrow")))
struct NeptuneTests {
    private static let writer = """
        import datetime, decimal, math, os, sys
        import pyarrow as pa, pyarrow.parquet as pq
        text, stamp, number = pa.string(), pa.timestamp("ms", tz="UTC"), pa.float64()
        schema = pa.schema([("project_id", text), ("run_id", text), ("attribute_path", text), ("attribute_type", text),
            ("step", pa.decimal128(18, 6)), ("timestamp", stamp), ("int_value", pa.int64()), ("float_value", number),
            ("string_value", text), ("bool_value", pa.bool_()), ("datetime_value", stamp),
            ("string_set_value", pa.list_(text)), ("file_value", pa.struct([("path", text)])),
            ("histogram_value", pa.struct([("type", text), ("edges", pa.list_(number)), ("values", pa.list_(number))]))])
        def row(path, kind, **values):
            full = dict.fromkeys(schema.names)
            full.update(project_id="ws/proj", run_id="RUN-1", attribute_path=path, attribute_type=kind, **values)
            return full
        start = datetime.datetime(2025, 11, 1, 12, 0, 0, 123000, tzinfo=datetime.timezone.utc)
        def at(i):
            return start + datetime.timedelta(milliseconds=i)
        D = decimal.Decimal
        first = [row("sys/name", "string", string_value="exp"), row("sys/custom_run_id", "string", string_value="mine"),
            row("sys/tags", "string_set", string_set_value=["a", "b"]), row("sys/failed", "bool", bool_value=True),
            row("sys/creation_time", "datetime", datetime_value=start),
            row("parameters/lr", "float", float_value=0.1), row("parameters/deep/n", "int", int_value=2**53 + 1),
            row("flag", "bool", bool_value=True), row("parameters/flag", "string", string_value="x")]
        first += [row("metrics/loss", "float_series", step=D(i), timestamp=at(i),
            float_value=math.nan if i == 3 else 1 / (i + 1)) for i in range(3000)]
        second = [row("metrics/loss", "float_series", step=D(i), timestamp=at(i), float_value=1 / (i + 1))
            for i in range(3000, 5000)]
        second += [row("half", "float_series", step=D(i) / 2, timestamp=at(0), float_value=float(i)) for i in range(4)]
        second += [row("log", "string_series", step=D(i), timestamp=at(i), string_value="line %d" % i) for i in range(3)]
        second += [row("h", "histogram_series", step=D(1), timestamp=at(0),
            histogram_value={"type": "COUNTING", "edges": [0.0, 1.0, 2.0], "values": [3.0, 4.0]})]
        second += [row("model", "file", file_value={"path": "RUN-1/a.bin"}),
            row("evil", "file", file_value={"path": "../../../../etc/passwd"}),
            row("odd", "new_type", string_value="?")]
        data, files = sys.argv[1] + "/data/ws_proj", sys.argv[1] + "/files/ws_proj"
        os.makedirs(data)
        os.makedirs(files + "/RUN-1")
        open(files + "/RUN-1/a.bin", "w").write("weights")
        for part, rows in enumerate([first, second]):
            path = "%s/RUN-1_part_%d.parquet" % (data, part)
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="snappy", row_group_size=1000)
        """

    private func load(_ place: Place) throws -> ImportReport { try place.load(nil) { $0.python = Python.path } }

    @Test func bringsInAllAttributes() throws {
        try Place.with { place in
            try Python.run(Self.writer, [place.logs])
            let report = try load(place)
            #expect(report.problems.isEmpty && report.newRuns == 1, "\(report.problems)")
            let run = try #require(try place.repository.snapshot().runs.first)
            #expect(run.name == "mine" && run.status == .failed && run.tags == ["a", "b"])
            let expected: [String: PropertyValue] = [
                "experiment": "exp", "params.lr": .double(0.1), "params.deep.n": .int(9_007_199_254_740_993),
                "params.flag": true, "params.parameters.flag": "x", "neptune.project": "ws/proj",
                "neptune.id": "RUN-1", "neptune.sys.creation_time": "2025-11-01T12:00:00.123Z",
            ]
            for (key, value) in expected { #expect(run.properties[key] == value, "\(key)") }
            let shown = try place.shown()
            let loss = (0..<5000).map { " \($0)=\($0 == 3 ? Double.nan : 1 / Double($0 + 1))" }.joined()
            #expect(shown.contains("mine metrics/loss:" + loss))
            #expect(shown.contains("mine half {step_unit=0.000001}: 0=0.0 500000=1.0 1000000=2.0 1500000=3.0"))
            #expect(report.recordsStored == 1)
            #expect(report.pointsStored == 5004 && report.textsStored == 3 && report.artifactsStored == 1)
            #expect(report.skipped["attributes of the type new_type"] == 1)
            #expect(report.skipped["files that aren't beside the tables"] == 1)
            // Files younger than two seconds are read again, to the same end.
            let again = try load(place)
            #expect(again.runs == 1 && again.newRuns == 0 && again.pointsStored == 0 && again.recordsStored == 0)
        }
    }

    /// Times are whole milliseconds there and stay so.
    @Test func timesAreExact() throws {
        try Place.with { place in
            try Python.run(Self.writer, [place.logs])
            _ = try load(place)
            let reader = try place.repository.snapshot().series(Query(metric: "metrics/loss"))
            let chunk = try #require(try reader.next())
            #expect(chunk.times[0] == 1_761_998_400_123_000_000 && chunk.times[999] == 1_761_998_401_122_000_000)
        }
    }

    /// A part that is cut off is named; the others come in.
    @Test func damageCostsAPart() throws {
        try Place.with { place in
            try Python.run(Self.writer, [place.logs])
            let path = "data/ws_proj/RUN-1_part_1.parquet"
            let bytes = try RealFileSystem().readAll(Paths.join(place.logs, path), cap: 1 << 20)
            try place.write(path, Array(bytes.prefix(bytes.count / 2)))
            let report = try load(place)
            #expect(report.pointsStored == 3000 && report.problems.count == 1, "\(report.problems)")
        }
    }

    /// Parquet files of others, and parts in other words, are left alone.
    @Test func leavesOtherParquet() throws {
        try Place.with { place in
            let script = """
                import sys, pyarrow as pa, pyarrow.parquet as pq
                pq.write_table(pa.table({"a": [1]}), sys.argv[1] + "/x_part_0.parquet")
                """
            try Python.run(script, [place.logs])
            try place.write("y_part_0.parquet", "PAR1 attribute_path attribute_type run_id")
            try place.write("z.parquet", "PAR1")
            #expect(try ImportSearch(place.logs).found.isEmpty)
        }
    }
}
