import Foundation
import Testing

/// Shows that matrices, histograms and reports go in through `varve log` and come out through `varve confusion`,
/// `varve histogram` and `varve records`, as lists, pictures and the files that pandas and tcbench write.
struct RecordsProgramTests {
    private static let labels = #"["google-doc","google-drive","google-music","google-search","youtube"]"#

    private func log(_ shell: Shell, _ name: String, _ firstRow: String, subset: String = "test") throws {
        let counts = "[\(firstRow),[1,72,7,0,0],[1,0,78,1,0],[0,0,0,80,0],[0,0,0,0,80]]"
        let line =
            #"{"metric":"confusion","step":5,"context":{"subset":"\#(subset)"},"confusion_matrix":{"labels":\#(Self.labels),"#
            + #""counts":\#(counts)}}"#
        try shell.succeed("varve log --run \(name)", input: line + "\n")
    }

    @Test func csvIsWhatPandasWrites() throws {
        let shell = try Shell()
        try log(shell, "one", "[80,0,0,0,0]")
        // What scikit-learn and pandas give for this matrix.
        let report = """
            index,precision,recall,f1-score,support
            google-doc,0.975609756097561,1.0,0.9876543209876543,80.0
            google-drive,1.0,0.9,0.9473684210526315,80.0
            google-music,0.9176470588235294,0.975,0.9454545454545454,80.0
            google-search,0.9876543209876543,1.0,0.9937888198757764,80.0
            youtube,1.0,1.0,1.0,80.0
            accuracy,0.975,0.975,0.975,0.975
            macro avg,0.976182227181749,0.975,0.9748532214741215,400.0
            weighted avg,0.976182227181749,0.975,0.9748532214741215,400.0

            """
        let matrix = """
            index,google-doc,google-drive,google-music,google-search,youtube
            google-doc,80,0,0,0,0
            google-drive,1,72,7,0,0
            google-music,1,0,78,1,0
            google-search,0,0,0,80,0
            youtube,0,0,0,0,80

            """
        #expect(try shell.succeed("varve confusion one --report --format csv").output == report)
        #expect(try shell.succeed("varve confusion one --format csv").output == matrix)
        let saved = try shell.run("varve confusion one --output-folder out/deep")
        #expect(saved.code == 0 && saved.errors.contains("saving: out/deep/test_conf_mtx.csv"))
        #expect(try shell.succeed("cat out/deep/test_class_rep.csv").output == report)
        #expect(try shell.succeed("cat out/deep/test_conf_mtx.csv").output == matrix)
    }

    @Test func groupsAreAddedUpAndAveraged() throws {
        let shell = try Shell()
        try log(shell, "one", "[80,0,0,0,0]")
        try log(shell, "two", "[70,10,0,0,0]")
        try log(shell, "two", "[1,0,0,0,0]", subset: "val")
        func firstRow(_ options: String) throws -> String {
            try shell.succeed("varve confusion \(options) --context subset=test --format csv").lines[1]
        }
        #expect(try firstRow("--where 'status == \"finished\"'") == "google-doc,150,10,0,0,0")
        #expect(try firstRow("--where 'status == \"finished\"' --mean") == "google-doc,75,5,0,0,0")
        #expect(try firstRow("one --normalise truth") == "google-doc,1.0,0.0,0.0,0.0,0.0")
        #expect(try firstRow("one --step 5..6") == "google-doc,80,0,0,0,0")
        let several = try shell.run("varve confusion --where 'status == \"finished\"' --format csv")
        #expect(several.code == 2 && several.errors.contains("subset=val"))
        let all = try shell.succeed("varve confusion --where 'status == \"finished\"' --format jsonl").lines
        #expect(all.count == 2 && all[0].contains(#""subset":"test""#) && all[0].contains(#""accuracy":0.9625"#))
        let none = try shell.run("varve confusion one --name mistakes")
        #expect(none.code == 1 && none.errors.contains("confusion {subset=test}"))
        let nearly = try shell.run("varve confusion one --name confuson").errors
        #expect(nearly.hasPrefix("error: no confusion matrix is named 'confuson'"), "\(nearly)")
        #expect(nearly.contains("did you mean 'confusion'?"))
        #expect(try shell.run("varve confusion one --step 6").code == 1)
        #expect(try shell.run("varve confusion").code == 2)
    }

    @Test func picturesAndTables() throws {
        let shell = try Shell()
        try log(shell, "one", "[80,0,0,0,0]")
        let table = try shell.succeed("varve confusion one --format table").lines
        #expect(table[0] == "confusion {subset=test} · step 5 · one")
        #expect(table.contains { $0.hasPrefix("macro avg") && $0.hasSuffix("0.9762  0.9750  0.9749      400") })
        #expect(try shell.run("varve confusion one -o matrix.svg").code == 0)
        let picture = try shell.succeed("cat matrix.svg").output
        #expect(picture.hasPrefix("<svg") && picture.contains("google-search") && picture.contains("predicted"))
        #expect(try shell.run("varve confusion one -o matrix.txt").code == 2)
        #expect(
            try shell.succeed("varve confusion one").lines.first
                == "index\tgoogle-doc\tgoogle-drive\tgoogle-music\tgoogle-search\tyoutube")
        #expect(try shell.succeed("varve confusion one --report").lines.count == 9)
    }

    @Test func histogramsAndReports() throws {
        let shell = try Shell()
        let lines = [
            #"{"metric":"weights","step":3,"histogram":{"edges":["-Infinity",0,0.5,1],"counts":[3,7,1]}}"#,
            #"{"class_report":{"a":{"precision":1,"recall":0.5,"f1-score":0.66,"support":4},"accuracy":0.5}}"#,
            #"{"step":1,"loss":0.5}"#, #"{"metric":"weights","step":4,"histogram":{"edges":[0],"counts":[]}}"#,
            #"{"confusion_matrix":{"labels":["a"],"counts":[["x"]]}}"#,
        ]
        let logged = try shell.run("varve log --run one", input: lines.joined(separator: "\n"))
        #expect(logged.code == 1 && logged.errors.contains("line 4:") && logged.errors.contains("line 5:"))
        #expect(
            try shell.succeed("varve histogram one").lines == [
                "low\thigh\tcount", "-Infinity\t0.0\t3", "0.0\t0.5\t7", "0.5\t1.0\t1",
            ])
        let bars = try shell.succeed("varve histogram one --format table").lines
        #expect(bars[0] == "weights · step 3 · one" && bars[2].hasSuffix("█") && bars.count == 4)
        #expect(try shell.run("varve histogram one -o weights.svg").code == 0)
        let listed = try shell.succeed("varve records").lines
        #expect(listed.count == 3)
        #expect(listed[1].hasSuffix("one\thistogram\tweights\t\t1\t3\t3"))
        #expect(listed[2].hasSuffix("one\tclass report\treport\t\t1\t\t"))
        #expect(try shell.succeed("varve series loss").lines.count == 2)
    }
}
