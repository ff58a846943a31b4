import Varve

/// Takes the targets that need other tools out of what their scripts have written: a line a measurement in
/// `Benchmarks/peers/results.jsonl`, an object a column from `codec_compare.py --json`.
struct PeerFigures {
    private let rows: [JSONValue]

    init(_ rows: [JSONValue]) { self.rows = rows }

    var measurements: [Measurement] { indexSizes + reading + kills + columns }

    /// The median of a field over the rows of a peer's verb.
    private func median(
        _ field: String, _ verb: String, _ peer: String, _ workload: String, what: String? = nil
    ) -> Double? {
        let values = rows.filter {
            $0["verb"]?.stringValue == verb && $0["peer"]?.stringValue == peer
                && $0["workload"]?.stringValue == workload && (what == nil || $0["what"]?.stringValue == what)
        }.compactMap { $0[field]?.doubleValue }
        return values.isEmpty ? nil : Samples(values).median
    }

    private static let shapes = ["S": "a hundred runs", "M": "many runs", "L": "one run", "W": "many runs"]

    /// The whole index beside pcodec on the same columns (a metric at a time, else a series), Parquet and DuckDB.
    private var indexSizes: [Measurement] {
        var results: [Measurement] = []
        for workload in ["S", "M", "L", "W"] {
            guard let index = median("index_bytes_per_point", "load", "varve", workload) else { continue }
            let codec = rows.filter {
                $0["verb"]?.stringValue == "codec" && $0["workload"]?.stringValue == workload
            }.compactMap { $0["total_bytes_per_point"]?.doubleValue }.min()
            let others = [
                ("pcodec", codec), ("Parquet", median("bytes_per_point", "load", "parquet", workload)),
                ("DuckDB", median("bytes_per_point", "load", "duckdb", workload)),
            ]
            for (name, bytes) in others {
                guard let bytes, bytes > 0 else { continue }
                let what = "generated, \(Self.shapes[workload] ?? ""): \(workload)"
                results.append(Measurement("index-bytes", what, index / bytes, "x \(name)", floor: bytes))
            }
        }
        for row in rows where row["kind"]?.stringValue == "imported logs/index" {
            guard let index = row["index"]?.doubleValue, let pcodec = row["pcodec"]?.doubleValue, pcodec > 0 else {
                continue
            }
            results.append(Measurement("index-bytes", "imported logs, together", index / pcodec, "x pcodec"))
        }
        return results
    }

    private var reading: [Measurement] {
        guard let varve = median("warm_s", "extract", "varve", "M", what: "metric"), varve > 0,
            let parquet = median("warm_s", "extract", "parquet", "M", what: "metric")
        else { return [] }
        return [Measurement("read-metric", "Parquet through Arrow, M", parquet / varve, "x")]
    }

    private var kills: [Measurement] {
        let lost = rows.filter { $0["verb"]?.stringValue == "kill" && $0["peer"]?.stringValue == "varve" }
            .compactMap { $0["lost"]?.doubleValue }
        guard let most = lost.max() else { return [] }
        return [Measurement("kill", "lost at SIGKILL, most of all kills", max(0, most), "points", runs: lost.count)]
    }

    /// Values beside pcodec's default level: each data set, and each metric of at least 10,000 values.
    private var columns: [Measurement] {
        var sets: [String: (index: Double, pcodec: Double)] = [:]
        var results: [Measurement] = []
        for row in rows {
            guard let kind = row["kind"]?.stringValue, let values = row["values"]?.doubleValue,
                let index = row["index"]?.doubleValue, let pcodec = row["pcodec"]?.doubleValue, pcodec > 0
            else { continue }
            let parts = kind.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("metric") else { continue }
            sets[String(parts[0]), default: (0, 0)].index += index
            sets[String(parts[0]), default: (0, 0)].pcodec += pcodec
            if values >= 10_000 {
                results.append(Measurement("index-values", "metric \(kind)", index / pcodec, "x pcodec"))
            }
        }
        for (name, sizes) in sets.sorted(by: { $0.key < $1.key }) {
            results.append(Measurement("index-values", "data set \(name)", sizes.index / sizes.pcodec, "x pcodec"))
        }
        return results
    }
}
