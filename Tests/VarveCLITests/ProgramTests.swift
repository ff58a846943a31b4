import Foundation
import Testing
import Varve

/// Shows that the program does what its help says, by using it as a person does: command lines in an empty directory, with
/// their output, errors and exit codes.
struct ProgramTests {
    private static let rows = (0..<5).map {
        #"{"step": \#($0), "loss": \#(Double($0) / 4), "val": {"loss": 1.5}}"# + "\n"
    }.joined()

    /// A shell with two runs in its repository.
    private func campaign() throws -> Shell {
        let shell = try Shell()
        try shell.succeed("varve log --run first --param lr=0.1 --param depth=3 --tag baseline", input: Self.rows)
        try shell.succeed("varve log --run second --param lr=0.01 --param depth=3", input: Self.rows)
        return shell
    }

    @Test func logsAndReadsBack() throws {
        let shell = try campaign()
        let points = try shell.succeed("varve series loss --run first --format jsonl").lines
        #expect(points.count == 5)
        for (step, line) in points.enumerated() {
            let object = try JSONValue(parsing: line)
            #expect(object["step"]?.intValue == Int64(step) && object["value"]?.doubleValue == Double(step) / 4)
            #expect(object["metric"] == "loss" && object["context"] == [:])
        }
        #expect(try shell.succeed("varve series val.loss").lines.count == 11)
        #expect(
            try shell.succeed("varve series loss --steps 1..2 --run second | cut -f 4,6").output
                == "step\tvalue\n1\t0.25\n2\t0.5\n")
    }

    @Test func listsRuns() throws {
        let shell = try campaign()
        let table = try shell.succeed("varve runs --format table").lines
        #expect(table.count == 3)
        #expect(table[0].split(separator: " ") == ["RUN", "NAME", "STATUS", "STARTED", "TOOK", "POINTS", "TAGS", "lr"])
        #expect(table[1].contains("first") && table[1].contains("finished") && table[1].hasSuffix("baseline   0.1"))
        #expect(
            try shell.succeed("varve runs --where 'params.lr < 0.1' --format csv | cut -d , -f 2").output
                == "name\nsecond\n")
        #expect(
            try shell.succeed("varve runs --where '\"baseline\" in tags' --format tsv | cut -f 2").lines == [
                "name", "first",
            ])
        #expect(try shell.succeed("varve runs --sort params.lr | cut -f 2").lines == ["name", "second", "first"])
        #expect(try shell.succeed("varve runs --sort -params.lr | cut -f 2").lines == ["name", "first", "second"])
        let json = try JSONValue(parsing: shell.succeed("varve runs --format json").output)
        #expect(json.arrayValue?.map { $0["params.depth"] } == [3, 3])
        #expect(json.arrayValue?.first?["tags"] == ["baseline"])
    }

    /// A narrow terminal keeps the columns that were asked for.
    @Test func showsWhatWasAskedFor() throws {
        let shell = try campaign()
        let command = "COLUMNS=60 script -qec \"varve runs --sort -params.lr --where 'params.depth == 3'\" /dev/null"
        let lines = try shell.succeed("\(command) < /dev/null | tr -d '\\r' | sed 's/\\x1b\\[[0-9]*m//g'").lines
        #expect(lines.count == 4, "\(lines)")
        #expect(lines.first?.split(separator: " ").suffix(3) == ["POINTS", "depth", "lr"], "\(lines)")
        #expect(
            lines.dropFirst().first?.contains("first") == true && lines.last?.hasPrefix("2 runs: 2 finished") == true)
    }

    @Test func showsARun() throws {
        let shell = try campaign()
        let page = try shell.succeed("varve show first --format table").output
        #expect(page.hasPrefix("first  finished\n") && page.contains("\nPARAMS\n  depth  3\n  lr     0.1\n"))
        #expect(
            page.contains(
                "\nMETRIC    POINTS  STEPS  MIN  MAX  LAST\nloss           5    0–4    0    1     1\n")
        )
        let json = try JSONValue(parsing: shell.succeed("varve show second --format json").output)
        #expect(json["params"] == ["depth": 3, "lr": 0.01] && json["points"] == 10)
        #expect(try shell.succeed("varve show second").lines.contains("params.lr\t0.01"))
        #expect(
            try shell.succeed("varve metrics").lines == [
                "metric\tcontext\truns\tpoints\ttype", "loss\t\t2\t10\tdouble", "val.loss\t\t2\t10\tdouble",
            ])
    }

    @Test func resumesARun() throws {
        let shell = try campaign()
        try shell.succeed("varve log --resume first --from 3", input: "{\"step\": 3, \"loss\": 9}\n{\"loss\": 8}\n")
        let standard = try shell.succeed("varve series loss --run first | cut -f 4,6").lines
        #expect(standard == ["step\tvalue", "0\t0.0", "1\t0.25", "2\t0.5", "3\t9.0", "4\t8.0"])
        #expect(try shell.succeed("varve series loss --run first --all").lines.count == 8)
    }

    /// Rows without steps go on behind the run's last step, and a page counts apart what was taken back.
    @Test func goesOnCounting() throws {
        let shell = try campaign()
        try shell.succeed("varve log --resume first", input: "{\"loss\": 7}\n{\"loss\": 8}\n")
        #expect(
            try shell.succeed("varve series loss --run first --steps 5.. | cut -f 4,6").lines.dropFirst() == [
                "5\t7.0", "6\t8.0",
            ])
        try shell.succeed("varve log --resume first --from 1", input: "{\"loss\": 9}\n")
        let page = try shell.succeed("varve show first --format table").output
        #expect(page.contains("\n  points   3, and 10 that a resume took back\n"), "\(page)")
    }

    /// What a person expects to be told of input that is something else than they thought.
    @Test func saysWhatItDidNotFind() throws {
        let shell = try campaign()
        #expect(try shell.run("varve log", input: "hello world\n").errors == "note: the input held no points\n")
        let rows = try shell.run("varve log --run third --step it", input: "{\"loss\": 1}\n{\"loss\": 2}\n")
        #expect(rows.code == 0 && rows.errors == "note: 2 rows had no 'it'\n")
        #expect(try shell.succeed("varve runs --sort lr").output == shell.succeed("varve runs --sort params.lr").output)
        #expect(try shell.run("varve runs --sort lrr").errors == "note: no run has lrr; did you mean lr?\n")
        #expect(
            try shell.run("varve runs --sort duratoin").errors == "note: no run has duratoin; did you mean duration?\n")
    }

    /// Tabs and semicolons separate cells where the header has no comma; spaces around names are none of theirs.
    @Test(arguments: ["step,loss\n3,0.5\n", "step\tloss\n3\t0.5\n", "step;loss\n3;0.5\n", "step, loss\n3, 0.5\n"])
    func knowsSeparators(_ table: String) throws {
        let shell = try Shell()
        try shell.succeed("varve log", input: table)
        #expect(try shell.succeed("varve series loss | cut -f 2,4,6").lines.last == "loss\t3\t0.5")
    }

    /// A name that can't be stored costs its values alone; a column without a name gets one.
    @Test func livesWithImpossibleNames() throws {
        let shell = try Shell()
        let result = try shell.run("varve log", input: "{\"\": 1, \"loss\": 2}\n{\"\": 1, \"loss\": 3}\n")
        #expect(result.code == 0 && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(try shell.succeed("varve series loss").lines.count == 3)
        try shell.succeed("varve log", input: ",loss\n0,4\n")
        #expect(try shell.succeed("varve metrics | cut -f 1").lines == ["metric", "column 1", "loss"])
    }

    @Test func saysWhyARunFailed() throws {
        let shell = try Shell()
        let result = try shell.run("varve log --run r --input csv --step nothing", input: "step,loss\n1,2\n")
        #expect(result.code == 2)
        for _ in 0..<2 {
            #expect(
                try shell.succeed("varve show r --format table").output.contains(
                    "\n  why      there is no column 'nothing'"))
            try shell.succeed("varve compact")
        }
    }

    /// A run that was imported shows when it happened, not when it was imported, nor what the import notes for itself.
    @Test func datesImportedRuns() throws {
        let shell = try Shell()
        let table = "step,time,loss\n1,2024-02-13T13:00:00Z,3\n2,2024-02-13T15:30:00Z,2\n"
        try shell.succeed("mkdir logs && cat > logs/a.csv && varve import csv logs", input: table)
        let expected = ["name\tcreated\tended\tduration", "logs\t2024-02-13T13:00:00Z\t2024-02-13T15:30:00Z\t9000.0"]
        #expect(try shell.succeed("varve runs | cut -f 2,4-6").lines == expected)
        try shell.succeed("varve compact")
        #expect(try shell.succeed("varve runs | cut -f 2,4-6").lines == expected)
        #expect(!(try shell.succeed("varve runs").output.contains("import.")))
        try shell.succeed("cat >> logs/a.csv && varve import csv logs", input: "3,2024-02-13T16:00:00Z,1\n")
        #expect(
            try shell.succeed("varve runs | cut -f 2,4-6").lines.last
                == "logs\t2024-02-13T13:00:00Z\t2024-02-13T16:00:00Z\t10800.0")
        let page = try shell.succeed("varve show logs --format table").output
        #expect(page.contains("\n  imported  from ") && !page.contains("import."), "\(page)")
    }

    /// An exported table is known as one although its columns were named.
    @Test(arguments: ["csv", "jsonl"]) func importsItsExports(_ format: String) throws {
        let shell = try campaign()
        try shell.succeed(
            "varve export \(format) > all.\(format) && VARVE_REPO=back varve import \(format) all.\(format) --run run")
        #expect(
            try shell.succeed("varve --repo back series loss --format csv | cut -d , -f 2-").output
                == shell.succeed("varve series loss --format csv | cut -d , -f 2-").output)
    }

    @Test func readsCSVToo() throws {
        let shell = try Shell()
        let result = try shell.run("varve log --run table", input: "epoch,\"a, b\",word\n1,0.5,x\n2,,y\n3,inf,\n")
        #expect(result.code == 0)
        #expect(result.errors == "note: 2 values of 'word' are no numbers and are not kept\n")
        #expect(
            try shell.succeed("varve series 'a, b' | cut -f 4,6").lines == ["step\tvalue", "1\t0.5", "3\tInfinity"])
    }

    @Test func takesWholePoints() throws {
        let shell = try campaign()
        try shell.succeed("varve series loss --run first --format jsonl | varve log --run copy")
        let fields = "cut -f 2-6"
        #expect(
            try shell.succeed("varve series loss --run copy | \(fields)").output
                == shell.succeed("varve series loss --run first | \(fields)").output)
    }

    @Test func refusesLinesAndSaysWhich() throws {
        let shell = try Shell()
        let result = try shell.run(
            "varve log --run r", input: "{\"loss\": 1}\n{\"loss\": \n\n[1]\n{\"step\": \"x\", \"loss\": 2}\n")
        #expect(result.code == 1)
        #expect(result.errors.contains("line 2: no JSON") && result.errors.contains("line 4: no JSON object"))
        #expect(result.errors.contains("line 5: \"x\" is no step; 1 is taken instead"))
        #expect(try shell.succeed("varve series loss | cut -f 4,6").lines == ["step\tvalue", "0\t1.0", "1\t2.0"])
    }

    /// A signal in the middle of the input: what came is kept, and the run says that it failed.
    @Test(arguments: ["INT", "TERM"]) func endsHonestlyOnSignals(_ name: String) throws {
        let shell = try Shell()
        let script = """
            mkfifo pipe; varve log --run r < pipe & exec 3> pipe; echo '{"loss": 1}' >&3
            for try in $(seq 200); do [ "$(varve series loss 2>/dev/null | wc -l)" = 2 ] && break; sleep 0.02; done
            kill -\(name) $!; wait $!; echo "code $?"
            """
        let result = try shell.run("set -m; \(script)")
        #expect(result.output.contains(name == "INT" ? "code 130" : "code 143"), "\(result)")
        #expect(try shell.succeed("varve runs | cut -f 3,8").lines == ["status\tpoints", "failed\t1"])
    }

    /// A killed program loses nothing of what it had read.
    @Test func survivesSIGKILL() throws {
        let shell = try Shell()
        try shell.run(
            """
            set -m; mkfifo pipe; varve log --run r < pipe & exec 3> pipe; for i in $(seq 100); do echo '{"loss": 1}' >&3; done
            for try in $(seq 200); do [ "$(varve series loss 2>/dev/null | wc -l)" = 101 ] && break; sleep 0.02; done; kill -KILL $!; wait
            """)
        #expect(try shell.succeed("varve runs | cut -f 3,8").lines == ["status\tpoints", "killed\t100"])
    }

    @Test func endsQuietlyWithoutAReader() throws {
        let shell = try Shell()
        let rows = (0..<20_000).map { "{\"loss\":\($0)}\n" }.joined()
        try shell.succeed("varve log --run long", input: rows)
        for format in ["tsv", "jsonl", "table"] {
            let result = try shell.succeed(
                "varve series loss --format \(format) | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}")
            #expect(result.output == "0\n")
        }
    }

    @Test func findsTheRepository() throws {
        let shell = try Shell()
        #expect(try shell.succeed("varve init here --name mine").output == "made here\n")
        try shell.succeed("mkdir -p here/deep/down && cd here/deep/down && varve log --run x", input: Self.rows)
        for command in [
            "varve --repo here runs", "varve runs --repo here", "VARVE_REPO=here varve runs", "cd here && varve runs",
            "varve runs --repo here/logs",
        ] {
            #expect(try shell.succeed("\(command) | cut -f 2").lines == ["name", "x"], "\(command)")
        }
    }

    @Test(arguments: [
        ("varve frobnicate", 2, "error: there is no verb 'frobnicate'"), ("varve run", 2, "did you mean 'runs'?"),
        ("varve series", 2, "Missing expected argument '<metric>'"),
        ("varve series loss --steps 3..1", 2, "--steps"),
        ("varve series loss --all --last-per-step", 2, "exclude each other"),
        ("varve log --from 3 < /dev/null", 2, "--from goes with --resume"), ("varve runs --format xml", 2, "xml"),
        (
            "varve runs --where 'param.lr > 1'", 2,
            "unknown name 'param'; did you mean 'params'?\n    param.lr > 1\n    ^^^^^\n"
        ),
        ("varve show nobody", 1, "there is no run 'nobody'"), ("varve show fist", 1, "did you mean 'first'?"),
        ("varve series los", 1, "did you mean 'loss'?"),
        ("varve series loss --steps 100..", 1, "nothing of 'loss' matches"),
        ("varve --repo elsewhere runs", 1, "no repository here"),
        ("varve init .varve", 1, "there is a repository already"), ("varve rm", 2, "name a run"),
        ("varve log --run first < /dev/null > /dev/null; varve show first", 2, "'first' names 2 runs\n    "),
        ("varve export csv --metric nope", 1, "there is no metric 'nope'"),
        ("varve import csv nowhere", 1, "nowhere"),
        ("varve runs > /dev/full", 1, "can't write the output"),
    ])
    func explainsWhatIsWrong(_ command: String, _ code: Int32, _ message: String) throws {
        let shell = try campaign()
        let result = try shell.run(command)
        #expect(result.code == code, "\(result)")
        #expect(result.errors.contains(message), "\(result)")
        #expect(result.output == "", "\(result)")
    }

    @Test func hintsWhenAFilterFindsNothing() throws {
        let shell = try campaign()
        let result = try shell.run("varve runs --where 'params.lrr > 1' --format jsonl")
        #expect(result.code == 0 && result.output == "")
        #expect(result.errors == "note: no run has params.lrr; did you mean params.lr?\n")
    }

    @Test func exportsAndImports() throws {
        let shell = try campaign()
        for format in ["csv", "jsonl"] {
            try shell.run("varve export \(format) --output all.\(format)")
            #expect(try shell.run("varve export \(format) --output all.\(format)").code == 1)
            try shell.succeed("varve --repo copy-\(format) import \(format) all.\(format)")
            // Sorted without the runs, whose IDs are others in the copy.
            let columns = "cut -f 2-6 | sort"
            let original = try shell.succeed("varve series loss | \(columns)").output
            #expect(try shell.succeed("varve --repo copy-\(format) series loss | \(columns)").output == original)
        }
    }
}
