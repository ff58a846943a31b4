import Testing
import Varve
import VarveCampaign
import VarveTestSupport

@testable import VarveCLI

/// Shows what `report`, `properties` and `diff` print, at a shell: formats, digits, notes, files, and errors.
struct ReportVerbTests {
    /// 2 models × 3 seeds, of which one is missing; the accuracy of (m, s) is 0.5 + m/4 + s/64.
    private func campaign() throws -> Shell {
        let shell = try Shell()
        for (place, model) in ["a", "b"].enumerated() {
            for seed in 0..<3 where (place, seed) != (1, 2) {
                let accuracy = 0.5 + Double(place) / 4 + Double(seed) / 64
                let rows = """
                    {"metric": "acc", "value": \(accuracy), "step": 3, "context": {"subset": "test"}}
                    {"metric": "loss", "value": \(seed == 1 ? "\"NaN\"" : "0.25"), "step": 3}

                    """
                try shell.succeed(
                    "varve log --run \(model)\(seed) --param model=\(model) --param seed=\(seed) --param campaign_id=7",
                    input: rows)
            }
        }
        return shell
    }

    @Test func tableAndNotes() throws {
        let shell = try campaign()
        let lines = try shell.succeed("varve report --metrics acc --precision 3 --format table").lines
        #expect(
            lines == [
                "model  METRIC  CONTEXT      N   MEAN    STD   CI95    MIN  MEDIAN    MAX",
                "a      acc     subset=test  3  0.516  0.016  0.039  0.500   0.516  0.531",
                "b      acc     subset=test  2  0.758  0.011  0.099  0.750   0.758  0.766", "", "5 runs: 5 finished",
                "averaged over seed", "grid 2 model × 3 seed: 5 of 6 cells done", "missing model=b seed=2",
            ])
        let loss = try shell.succeed("varve report --metrics loss --format table").lines
        #expect(loss[0].hasSuffix("NAN") && loss[1].hasSuffix(" 1") && loss[1].contains("  3  2 "))
    }

    /// Where a column of each value that makes groups doesn't fit, these stand above the rows: no line is longer than the terminal.
    @Test func narrowTerminal() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r", name: "")
            for number in 0..<6 {
                var params: [String: PropertyValue] = [
                    "model.encoder.attention_heads": .int(Int64(number % 3)),
                    "dataset.directory": .string("/data/\(number % 2)/" + String(repeating: "x", count: 40)),
                    "optimiser.learning_rate_schedule": .string("cosine \(number)"),
                ]
                if number == 3 { params["only"] = 7 }
                let run = try repository.startRun(name: "r\(number)", params: params)
                for metric in ["validation_accuracy_of_the_ensemble", "loss"] {
                    try run.series(metric, context: ["subset": "test"]).log(Double(number) / 7, step: 1)
                }
                try run.finish()
            }
            let report = try Report(of: repository.snapshot(), Search(), ReportOptions())
            let listing = ReportListing(report: report, rounding: Rounding(decimals: nil), areGroupsChosen: true)
            let lines = try written(width: 80) { try listing.write(to: $0, .table) }.split(separator: "\n")
            #expect(lines.allSatisfy { HumanText.width(String($0)) <= 80 }, "\(lines)")
            #expect(lines.count { $0.hasPrefix("dataset.directory=/data/") } == 6, "\(lines)")
            #expect(lines.count { $0.contains("optimiser.learning_rate_schedule=cosine ") } == 6)
            #expect(lines.count { $0.contains("only=7") } == 1)
            #expect(lines.count { $0.hasPrefix("loss ") } == 6)
            // Where there is room, and for machines, each has its column.
            let wide = try written(width: 400) { try listing.write(to: $0, .table) }.split(separator: "\n")
            #expect(wide.count == 13)
            #expect(try written(width: 80) { try listing.write(to: $0, .csv) }.split(separator: "\n").count == 13)
        }
    }

    @Test func nothingToCompare() throws {
        let shell = try campaign()
        let result = try shell.run("varve report --metrics loss --compare seed --where 'params.seed == 1'")
        #expect(result.code == 0 && result.errors.contains("no two runs that are alike but for seed"), "\(result)")
    }

    @Test func formats() throws {
        let shell = try campaign()
        let row = try shell.succeed("varve report --metrics acc --format csv").lines
        #expect(row[1].hasPrefix("a,acc,subset=test,3,3,0.515625,0.015625,0.038814"))
        let json = try JSONValue(
            parsing: shell.succeed("varve report --metrics acc --format json --precision 2").output)
        #expect(json.arrayValue?.map { $0["mean"] } == [0.52, 0.76] && json.arrayValue?.first?["n"] == 3)
        #expect(try shell.succeed("varve report --metrics acc").lines.first?.contains("\tci95\t") == true)
        let latex = try shell.succeed("varve report --metrics acc --precision 2 --format latex").lines
        #expect(latex.first == "\\begin{tabular}{lllrrrrrrr}" && latex.last == "\\end{tabular}")
        #expect(latex[4] == "a & acc & subset=test & 3 & 0.52 & 0.02 & 0.04 & 0.50 & 0.52 & 0.53 \\\\")
        #expect(
            try shell.succeed("varve report --metrics acc --precision 1 --format markdown").lines[2]
                == "| a | acc | subset=test | 3 | 0.5 | 0.0 | 0.0 | 0.5 | 0.5 | 0.5 |")
    }

    /// Metrics side by side, as a data frame has them; what has no context stands in every row of its group.
    @Test func wide() throws {
        let shell = try campaign()
        let lines = try shell.succeed("varve report --wide --precision 2 --format csv | cut -d , -f 1-7,14-17").lines
        #expect(
            lines == [
                "params.model,context,runs,acc.mean,acc.std,acc.ci95,acc.n,loss.mean,loss.std,loss.ci95,loss.n",
                "a,subset=test,3,0.52,0.02,0.04,3,0.25,0.0,0.0,2", "b,subset=test,2,0.76,0.01,0.1,2,0.25,,,1",
            ])
        let table = try shell.succeed("varve report --wide --precision 2 --format table").lines
        #expect(table[0] == "model  CONTEXT      RUNS   acc   STD  CI95  N  loss   STD  CI95  N", "\(table[0])")
        #expect(try shell.run("varve report --wide --output-folder out").code == 0)
        let values = try shell.succeed("cut -d , -f 2- out/campaign_summary/7/runsinfo.csv").lines
        #expect(values[0] == "name,status,params.campaign_id,params.model,params.seed,context,acc,loss")
        #expect(values.count == 6 && values[2] == "a1,finished,7,a,1,subset=test,0.515625,NaN", "\(values)")
        #expect(try shell.run("varve report --wide --compare model").code == 2)
    }

    @Test func comparesAndSaves() throws {
        let shell = try campaign()
        let compared = try shell.succeed("varve report --metrics acc --compare model --format tsv").lines
        #expect(compared.count == 2 && compared[1].hasPrefix("model\ta\tb\tacc\tsubset=test\t2\t1\t-0.25\t0"))
        let saved = try shell.run("varve report --metrics acc --output-folder out --precision 2")
        #expect(saved.code == 0 && saved.errors.contains("saving: out/campaign_summary/7/summary.csv"))
        #expect(try shell.succeed("wc -l < out/campaign_summary/7/summary.csv").output == "3\n")
        let runs = try shell.succeed("cat out/campaign_summary/7/runsinfo.csv").lines
        #expect(runs.count == 6 && runs[0].hasSuffix("metric,context,value"))
        #expect(try shell.run("varve report --campaign-id 7 --metrics acc --output-folder out").code == 0)
    }

    /// Where a terminal has no room for all params that vary, those go first that follow from the others; what was asked for stays.
    @Test func narrowTablesLeaveOutWhatOthersTell() throws {
        let shell = try Shell()
        for run in 0..<4 {
            let settings = run < 2 ? (0..<9).map { "--param config.setting_\($0)=\(run)" }.joined(separator: " ") : ""
            try shell.succeed(
                "varve log --run r\(run) --param model=m\(run / 2) --param lr=0.\(run % 2 + 1) \(settings)",
                input: "loss\n0.5\n")
        }
        let snapshot = try Repository.open(shell.directory + "/.varve").snapshot()
        let report = try Report(of: snapshot, Search(), ReportOptions())
        #expect(report.groupBy.count == 11, "\(report.groupBy)")
        func lines(_ width: Int?, areGroupsChosen: Bool = false) throws -> (hidden: Int, text: [Substring]) {
            var listing = ReportListing(report: report, rounding: Rounding(decimals: nil))
            listing.areGroupsChosen = areGroupsChosen
            var hidden = 0
            let text = try written(width: width) { hidden = try listing.write(to: $0, .table) }
            return (hidden, text.split(separator: "\n"))
        }
        let narrow = try lines(100)
        #expect(narrow.text.count == 5 && narrow.text.allSatisfy { $0.count <= 100 }, "\(narrow)")
        #expect(narrow.text[0].hasSuffix("MAX") && narrow.hidden > 0 && narrow.hidden < 10, "\(narrow)")
        // Those that are left still tell all groups apart.
        let groups = narrow.text.dropFirst().map { $0.prefix { !$0.isLetter || $0 == "m" } }
        #expect(Set(narrow.text.dropFirst()).count == 4, "\(groups)")
        #expect(try lines(nil).hidden == 0)
        #expect(try lines(100, areGroupsChosen: true).text.count { $0.contains("config.setting_8") } == 2)
    }

    @Test func propertiesAndDifferences() throws {
        let shell = try campaign()
        let properties = try shell.succeed("varve properties --format table").lines
        #expect(properties[1] == "runs               5  5 finished")
        #expect(
            properties.contains("seed               3  0, 1, 2")
                && properties.contains("metrics            2  acc, loss"))
        let difference = try shell.succeed("varve diff a0 b1 --format tsv").lines
        #expect(difference.contains("property\tparams.model\t\ta\tb\t"))
        #expect(difference.contains("property\tparams.seed\t\t0\t1\t1.0"))
        #expect(difference.contains("metric\tacc {subset=test}\tlast\t0.5\t0.765625\t0.265625"))
        #expect(try shell.succeed("varve diff a0 a0 --format tsv").lines.count == 1)
    }

    @Test(arguments: [
        ("varve report --metrics ac", 1, "there is no metric 'ac'\n  try       did you mean 'acc'?"),
        ("varve report --groupby modle", 2, "no run has the param 'modle'\n  try       did you mean 'model'?"),
        ("varve report --campaign-id 8", 1, "there is no campaign '8'"),
        ("varve report --where 'params.seed > 9'", 1, "no run matches"),
        ("varve report --precision 40", 2, "--precision must be 0 to 17"),
        ("varve diff a0 nobody", 1, "there is no run 'nobody'"),
    ])
    func explainsWhatIsWrong(_ command: String, _ code: Int32, _ message: String) throws {
        let result = try campaign().run(command)
        #expect(result.code == code && result.errors.contains(message), "\(result.errors)")
    }
}
