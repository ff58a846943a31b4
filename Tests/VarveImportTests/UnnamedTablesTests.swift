import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that a table without a header comes in with all of its rows where it is sure what its columns are, or where the caller says
/// so; and that it is left out by name, with what to say, where it isn't.
struct UnnamedTablesTests {
    private func imported(
        _ text: String, as name: String, _ format: ImportFormat? = nil,
        _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> [String] {
        try Place.with { place in
            try place.write("a/" + name, text)
            let report = try place.load(format) { options in
                options.audits = true
                change(&options)
            }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            let again = try place.load(format, nil, change)
            #expect(again.pointsStored == 0 && again.newRuns == 0)
            return try place.shown()
        }
    }

    @Test(arguments: ["train_loss.txt", "train_loss.csv", "train_loss.log"]) func numbersOfAMetric(_ name: String)
        throws
    {
        #expect(try imported("0.5\n0.25\nnan\n", as: name) == ["a loss {subset=train}: 0=0.5 1=0.25 2=nan"])
    }

    @Test(arguments: [" ", "\t", ",", ";"]) func stepsAndNumbers(_ separator: String) throws {
        let text = ["10", "20", "40"].map { "\($0)\(separator)0.\($0)\n" }.joined()
        #expect(try imported(text, as: "loss.txt") == ["a loss: 10=0.1 20=0.2 40=0.4"])
    }

    @Test(arguments: [" ", "\t", ","]) func stepsNamesAndNumbers(_ separator: String) throws {
        let rows = ["0 val 10.5", "0 train 10.75", "1 train 10.25", "2 train nan", "250 val 6"]
        let text = rows.map { $0.split(separator: " ").joined(separator: separator) + "\n" }.joined()
        #expect(try imported(text, as: "log.txt") == ["a train: 0=10.75 1=10.25 2=nan", "a val: 0=10.5 250=6.0"])
    }

    @Test func namesAndNumbersUnderAHeader() throws {
        let text =
            "step,wall_time,tag,value,host\n1,1700000000,loss,0.5,x\n1,1700000001,val_loss,2,x\n2,1700000002,loss,0.25,\n"
        try Place.with { place in
            try place.write("a/metrics.csv", text)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty && report.audit?.isEqual == true)
            #expect(report.skipped == ["cells beside a name and its value, in the column host": 2])
            #expect(try place.shown() == ["a loss {subset=val}: 1=2.0", "a loss: 1=0.5 2=0.25"])
        }
    }

    /// A name without a step is a setting.
    @Test func namesWithoutStepsAreNone() throws {
        try Place.with { place in
            try place.write("a/params.csv", "name,value\nlr,0.5\nbatch,32\n")
            #expect(try place.load(nil).runs == 0)
        }
    }

    @Test func yolo() throws {
        let text = """
                 0/299     4.76G    0.5   0.25   0.125   0.875    31   640   0.25   0.5   0.375   0.125   0.1   0.03   0.02
                 1/299      4.8G    0.4   0.25   0.125   0.775    30   640   0.5    0.5   0.5     0.25    0.09  0.02   0.01

            """
        #expect(
            try imported(text, as: "results.txt") == [
                "a box_loss {subset=train}: 0=0.5 1=0.4", "a box_loss {subset=val}: 0=0.1 1=0.09",
                "a cls_loss {subset=train}: 0=0.125 1=0.125", "a cls_loss {subset=val}: 0=0.02 1=0.01",
                "a gpu_mem: 0=4.76 1=4.8", "a img_size: 0=640.0 1=640.0", "a labels: 0=31.0 1=30.0",
                "a metrics/mAP_0.5: 0=0.375 1=0.5", "a metrics/mAP_0.5:0.95: 0=0.125 1=0.25",
                "a metrics/precision: 0=0.25 1=0.5", "a metrics/recall: 0=0.5 1=0.5",
                "a obj_loss {subset=train}: 0=0.25 1=0.25", "a obj_loss {subset=val}: 0=0.03 1=0.02",
                "a total_loss {subset=train}: 0=0.875 1=0.775",
            ])
    }

    @Test(arguments: [
        ("x.txt", "0.5 1\n0.25 2\n"), ("loss.txt", "1 0.5 3\n2 0.25 3\n"), ("x.csv", "1,2\n2,3\n"),
        ("loss.csv", "3,0.5\n2,0.25\n"),
    ])
    func whatIsUnsureIsNamed(_ name: String, _ text: String) throws {
        try Place.with { place in
            try place.write("a/" + name, text)
            try place.write("b/m.csv", "step,loss\n1,0.5\n")
            let report = try place.load(nil)
            #expect(report.notes.contains { $0.contains("1 table of numbers has no header (a/\(name))") })
            #expect(try place.shown() == ["b loss: 1=0.5"])
        }
        let names = ["step", "b", "c"].prefix(text.split(separator: "\n")[0].split { $0 == " " || $0 == "," }.count)
        #expect(try !imported(text, as: name) { $0.columns = Array(names) }.isEmpty)
    }

    /// The caller names the format and not the columns.
    @Test func aTableThatNobodyNames() throws {
        try Place.with { place in
            try place.write("x.csv", "0.5,3,4\n0.25,5,6\n")
            let path = Paths.join(place.logs, "x.csv")
            let report = try place.load(.csv, path) { $0.audits = true }
            #expect(
                report.problems.map(\.message) == [
                    "3 columns without a header, which --columns step,loss,… would name: left out"
                ])
            #expect(report.pointsRead == 0)
            let named = try place.load(.csv, path) { $0.columns = ["a", "epoch", "b"] }
            #expect(named.problems.isEmpty)
            #expect(try place.shown() == ["x a: 3=0.5 5=0.25", "x b: 3=4.0 5=6.0"])
        }
        #expect(try imported("10 0.5\n20 0.25\n", as: "x.csv", .csv) == ["a x: 10=0.5 20=0.25"])
    }

    /// Names are only for tables that have none.
    @Test func columnsAreForTablesWithoutAHeader() throws {
        let change = { (options: inout ImportOptions) in options.columns = ["epoch", "acc"] }
        #expect(try imported("step,loss\n1,0.5\n", as: "m.csv", nil, change) == ["a loss: 1=0.5"])
        #expect(try imported("# of a seed\n1,0.5\n2,0.25\n", as: "m.csv", nil, change) == ["a acc: 1=0.5 2=0.25"])
    }

    /// pandas calls columns by their numbers.
    @Test func numbersThatAreAHeader() throws {
        #expect(try imported(",0,1\n0,0.5,2\n1,0.25,3\n", as: "m.csv", .csv).contains("a 0: 0=0.5 1=0.25"))
        #expect(try imported("0,1,2\n0.5,2,3\n", as: "m.csv", .csv) == ["a 0: 0=0.5", "a 1: 0=2.0", "a 2: 0=3.0"])
    }
}
