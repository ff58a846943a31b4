import Foundation
import Testing
import Varve

/// Sixty-four processes log into one run at once: nothing is lost, each is told apart, and all are averaged.
struct RankProgramTests {
    @Test func manyProcessesOfOneRun() throws {
        let shell = try Shell()
        try shell.succeed("varve init")
        let script = """
            id=$(python3 -c 'import uuid; print(uuid.uuid4())')
            export VARVE_RUN_ID=$id WORLD_SIZE=64
            for rank in $(seq 0 63); do
                (for step in $(seq 0 19); do echo "{\\"step\\": $step, \\"seconds\\": $((rank + step))}"; done |
                    RANK=$rank varve log >/dev/null) &
            done
            wait
            """
        try shell.succeed(script)
        let runs = try shell.succeed("varve runs --format jsonl").lines
        #expect(runs.count == 1)
        let run = try JSONValue(parsing: runs[0])
        #expect(run["points"]?.intValue == 64 * 20 && run["lost"]?.intValue == 0 && run["status"] == "finished")
        let rows = try shell.succeed("varve series seconds --format jsonl").lines.map { try JSONValue(parsing: $0) }
        #expect(rows.count == 64 * 20)
        for row in rows {
            let rank = try #require(row["context"]?["rank"]?.stringValue.flatMap { Int($0) })
            let step = try #require(row["step"]?.intValue)
            #expect(row["value"]?.doubleValue == Double(rank) + Double(step))
        }
        try shell.succeed("varve compact")
        let report = try shell.succeed("varve report --over rank --format jsonl").lines
        #expect(report.count == 1, "\(report)")
        let row = try JSONValue(parsing: report.first ?? "{}")
        #expect(row["n"]?.intValue == 64 && row["mean"]?.doubleValue == 50.5)
        #expect(row["min"]?.doubleValue == 19 && row["max"]?.doubleValue == 82)
        // Without it they stand side by side; as groups they stand in the order of numbers.
        #expect(try shell.succeed("varve report --format jsonl").lines.count == 64)
        let groups = try shell.succeed("varve report --groupby rank --format tsv | cut -f 1,2,3,5,6").lines
        #expect(groups.first == "rank\tmetric\tcontext\tn\tmean" && groups.count == 65)
        #expect(groups.dropFirst().elementsEqual((0..<64).map { "\($0)\tseconds\t\t1\t\($0 + 19).0" }))
        #expect(try shell.succeed("varve report --where 'rank < 3 group by rank' --format tsv").lines.count == 4)
        // Figures of a metric that differs in ranks only are those of all ranks.
        for (expression, points) in [
            ("rank == 3", 20), ("rank < 2 or rank == \"63\"", 60), ("metric.context.rank in [1, 2]", 40),
            ("metric.context.rank == \"7\"", 20), ("metric.rank >= 62", 40),
            ("metrics[\"seconds\"].min == 0 and metrics.seconds.max == 82", 1280),
            ("metrics.seconds.last == 50.5", 1280),
            ("metrics.seconds.count == 1280 and metrics.seconds.max_step == 19", 1280),
        ] {
            let found = try shell.run("varve series seconds --where '\(expression)' --format tsv")
            #expect(found.lines.count == points + 1, "\(expression): \(found.errors)")
        }
        // Which process ran where.
        let host = try #require(try shell.succeed("hostname").lines.first)
        #expect(
            try shell.succeed("varve runs --columns host,points --format tsv").lines == [
                "host\tpoints", "\(host)\t1280",
            ])
        let misspelt = try shell.run("varve runs --columns hots")
        #expect(misspelt.code == 2 && misspelt.errors.contains("did you mean 'host'?"))
        #expect(try shell.succeed("varve runs --where 'host == \"\(host)\"'").lines.count == 2)
        let byHost = try shell.succeed("varve report --groupby host --over rank --format tsv | cut -f 1,2,4,5,6").lines
        #expect(byHost == ["host\tmetric\truns\tn\tmean", "\(host)\tseconds\t1\t64\t50.5"])
        let id = try #require(run["id"]?.stringValue)
        let page = try shell.succeed("varve show \(id) --format table").lines
        #expect(page.contains("  host     \(host)") && page.contains { $0.hasPrefix("RANK  HOST") }, "\(page)")
        let processes = try JSONValue(parsing: shell.succeed("varve show \(id) --format json").output)["processes"]
        #expect(processes?.arrayValue?.map { $0["rank"]?.intValue } == (0..<64).map { $0 })
        let plot = try shell.succeed("varve plot seconds --group-by rank --where 'rank < 2' --colour never").output
        #expect(plot.contains("rank"))
    }
}
