import Testing
import VarveTestSupport

/// The examples do what their first lines say.
struct ExampleTests {
    @Test func theTrainer() throws {
        let shell = try Shell()
        let result = try shell.run("example-trainer line.varve 200")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.lines.count == 4)
        #expect(result.lines.last?.hasPrefix("step 199: validation loss 0.00") == true, "\(result.output)")
        let runs = try shell.run("varve runs --repo line.varve --format tsv")
        #expect(runs.output.contains("finished") && runs.output.contains("line"))
        let plot = try shell.run("varve plot loss --repo line.varve")
        #expect(plot.code == 0 && plot.output.contains("loss"), "\(plot.errors)")
    }

    @Test func theService() throws {
        let shell = try Shell()
        // It is told to end as soon as it has told of its beginning.
        let result = try shell.run(
            """
            example-service service.varve & service=$!
            for i in $(seq 500); do
                if varve metrics --repo service.varve 2> /dev/null | grep -q latency; then break; fi
                sleep 0.02
            done
            kill -TERM $service
            wait $service
            """)
        #expect(result.code == 0, "\(result.errors)")
        let show = try shell.run("varve show service --repo service.varve")
        #expect(show.output.contains("finished"), "\(show.output)")
        let metrics = try shell.run("varve metrics --repo service.varve --format tsv")
        for name in ["requests", "latency", "waiting"] { #expect(metrics.output.contains(name), "\(metrics.output)") }
        #expect(result.errors.contains("begins") && result.errors.contains("ends"))
    }

    @Test func theCampaign() throws {
        let shell = try Shell()
        let root = Self.root
        let result = try shell.run(
            """
            ln -s '\(root)/Examples' Examples
            varve init > /dev/null && varve campaign plan Examples/Campaign/plan.yaml > /dev/null &&
            varve campaign run --workers 2 && varve report --metrics loss --format tsv
            """)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.lines.dropFirst().map { $0.prefix { $0 != "\t" } } == ["0.01", "0.1"], "\(result.output)")
        #expect(try shell.run("varve campaign missing --format '{cell}'").output == "")
    }

    private static let root = String(#filePath.dropLast("/Tests/VarveCLITests/ExampleTests.swift".count))
}
