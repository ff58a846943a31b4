import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveBenchmarks

/// Shows that the table of targets judges measurements by the right bound, says what is missing, and survives a file.
struct TargetTests {
    @Test func bounds() {
        let target = Target("open", "opening", .atMost(15), "ms", "10000 runs")
        #expect(target.isMet(by: 15) && !target.isMet(by: 15.1))
        let rate = Target("compact", "rate", .atLeast(25), "M points/s")
        #expect(rate.isMet(by: 25) && !rate.isMet(by: 24.9))
        #expect(!Target("index-bytes", "", .below(1), "x").isMet(by: 1))
    }

    /// Of several measurements that fit the worst decides; other cases, units and names don't count.
    @Test func theWorstDecides() {
        let measurements = [
            Measurement("open", "10000 runs: a", 3, "ms"), Measurement("open", "10000 runs: b", 7, "ms"),
            Measurement("open", "100000 runs: c", 9, "ms"), Measurement("open", "10000 runs: d", 11, "MB"),
            Measurement("tail", "10000 runs: e", 13, "ms"),
        ]
        let least = Target("open", "", .atMost(1), "ms", "10000 runs")
        let most = Target("open", "", .atLeast(1), "ms", "10000 runs")
        #expect(least.worst(of: measurements)?.value == 7)
        #expect(most.worst(of: measurements)?.value == 3)
        #expect(Target("open", "", .atMost(1), "µs").worst(of: measurements) == nil)
    }

    @Test func tableNamesWhatIsMissing() {
        let table = TargetTable([
            Measurement("read-one", "1000 points", 0.1, "ms", floor: 0.02), Measurement("tail", "p99", 12, "ms"),
        ])
        #expect(table.lines.count == Target.all.count + 2)
        #expect(table.counts.measured == 2 && table.counts.met == 1)
        #expect(table.lines.contains { $0.hasPrefix("| read-one |") && $0.hasSuffix("| yes |") })
        #expect(table.lines.contains { $0.hasPrefix("| tail |") && $0.hasSuffix("| **no** |") })
        #expect(table.lines.contains { $0.hasPrefix("| index-values |") && $0.contains("Benchmarks/peers/run") })
        #expect(table.lines.contains { $0.hasPrefix("| compact |") && $0.contains("not measured") })
    }

    /// What one run has written the next one reads, as an array and line by line; other objects are passed over.
    @Test func measurementsSurviveAFile() throws {
        try withTemporaryDirectory { directory in
            let measurements = [
                Measurement("open", "10 runs", 1.5, "ms", runs: 5, floor: 0.25, hash: 0xFEDC_BA98_7654_3210),
                Measurement("tail", "p99", 3, "ms"),
            ]
            let array = Paths.join(directory, "a.json")
            try MeasurementFile.write(measurements, to: array)
            let lines = Paths.join(directory, "b.jsonl")
            try MeasurementFile.replace(
                lines, with: #"{"tool":"other"}"# + "\n" + measurements.map { "\($0.json)\n" }.joined())
            for path in [array, lines] {
                let read = try MeasurementFile.read(path)
                #expect(read.map { "\($0.json)" } == measurements.map { "\($0.json)" })
            }
            #expect(try MeasurementFile.readIfThere(Paths.join(directory, "none")).isEmpty)
        }
    }

    /// Rows of other tools' scripts become the figures that the table asks for; what they lack is left out.
    @Test func figuresOfOtherTools() throws {
        let rows = try [
            #"{"verb":"load","peer":"varve","workload":"M","index_bytes_per_point":3}"#,
            #"{"verb":"codec","peer":"pcodec","workload":"M","unit":"series","total_bytes_per_point":6}"#,
            #"{"verb":"codec","peer":"pcodec","workload":"M","unit":"metric","total_bytes_per_point":5}"#,
            #"{"verb":"load","peer":"parquet","workload":"M","bytes_per_point":4}"#,
            #"{"verb":"extract","peer":"varve","workload":"M","what":"metric","warm_s":0.002}"#,
            #"{"verb":"extract","peer":"parquet","workload":"M","what":"metric","warm_s":0.02}"#,
            #"{"verb":"kill","peer":"varve","lost":0}"#, #"{"verb":"kill","peer":"varve","lost":-1}"#,
            #"{"kind":"aim/metric/loss","values":20000,"index":103,"pcodec":100}"#,
            #"{"kind":"aim/metric/lr","values":20,"index":95,"pcodec":100}"#,
            #"{"kind":"imported logs/index","values":20020,"index":45,"pcodec":50}"#,
        ].map { try JSONValue(parsing: $0) }
        let found = PeerFigures(rows).measurements.map {
            "\($0.name), \($0.what): \(ReportTable.text($0.value)) \($0.unit)"
        }
        #expect(
            found == [
                "index-bytes, generated, many runs: M: 0.600 x pcodec",
                "index-bytes, generated, many runs: M: 0.750 x Parquet",
                "index-bytes, imported logs, together: 0.900 x pcodec",
                "read-metric, Parquet through Arrow, M: 10.0 x", "kill, lost at SIGKILL, most of all kills: 0 points",
                "index-values, metric aim/metric/loss: 1.03 x pcodec", "index-values, data set aim: 0.990 x pcodec",
            ])
        #expect(PeerFigures([]).measurements.isEmpty)
    }
}
