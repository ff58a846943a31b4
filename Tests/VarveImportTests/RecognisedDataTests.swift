import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that the real sets come in whole from a path of which nothing is said: every format that they hold is found, with as
/// many groups of files and points as other tools' readers counted (`expected.json`), and the audit agrees series by series.
@Suite(.enabled(if: DataSet.areHere, PackagePaths.skipMessage))
struct RecognisedDataTests {
    /// How many points of a format a set holds: a number in `expected.json`, without the points of the column that is the step,
    /// which are as many as there are rows.
    private struct Total {
        var format: String
        var points: [String]
        var rows: [String] = []
    }

    private static let sets: [(name: String, found: [String: Int], totals: [Total])] = [
        (
            "tensorboard-keras-mixed", ["tensorboard": 24],
            [Total(format: "tensorboard", points: ["totals", "scalar_points"])]
        ),
        (
            "tensorboard-lightning-rbm", ["tensorboard": 26],
            [Total(format: "tensorboard", points: ["totals", "scalar_points"])]
        ),
        (
            "csv-lightning-mnist", ["csv": 22],
            [Total(format: "csv", points: ["totals", "points"], rows: ["totals", "rows"])]
        ),
        (
            "jsonl-dreamer", ["tensorboard": 3, "jsonl": 4],
            [
                Total(format: "tensorboard", points: ["totals", "tensorboard", "scalar_points"]),
                Total(format: "jsonl", points: ["totals", "jsonl", "points"], rows: ["totals", "jsonl", "rows"]),
            ]
        ),
        (
            "algoperf-baseline", ["tensorboard": 11, "csv": 22],
            [Total(format: "tensorboard", points: ["totals", "scalar_points"])]
        ),
        (
            "multi-tracker-vit", ["mlflow": 11, "tensorboard": 11, "csv": 11],
            [
                Total(format: "mlflow", points: ["totals", "mlflow", "points"]),
                Total(format: "tensorboard", points: ["totals", "tensorboard", "scalar_points"]),
            ]
        ),
    ]

    @Test(arguments: Self.sets.indices) func comeInWhole(_ index: Int) throws {
        let (name, found, totals) = Self.sets[index]
        let set = try #require(try DataSet(name))
        try Place.with { place in
            var options = ImportOptions()
            options.audits = true
            let search = try ImportSearch(set.path, options: options)
            let formats = Dictionary(uniqueKeysWithValues: search.found.map { ($0.format.name, $0.runs) })
            #expect(formats == found)
            let report = try place.repository.importLogs(search)
            #expect(report.problemCount == 0 && report.refused.isEmpty && report.pointsRead == report.pointsStored)
            let audit = try #require(report.audit)
            #expect(audit.isEqual && audit.points == report.pointsStored)
            #expect(audit.runs.allSatisfy { $0.verdict == .equal })
            func number(_ path: [String]) throws -> Int {
                var json: JSONValue? = set.expected
                for key in path { json = json?[key] }
                return try Int(#require(json?.intValue, "\(path)"))
            }
            for total in totals {
                let series = audit.runs.filter { $0.format == total.format }.flatMap(\.series)
                let expected = try number(total.points) - (total.rows.isEmpty ? 0 : number(total.rows))
                #expect(series.reduce(0) { $0 + $1.source.points } == expected, "\(name) \(total.format)")
            }
            let again = try place.repository.importLogs(ImportSearch(set.path))
            #expect(again.unchangedRuns == again.runs && again.pointsStored == 0)
        }
    }
}
