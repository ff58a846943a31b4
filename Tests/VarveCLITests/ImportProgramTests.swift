import Foundation
import Testing

@testable import VarveCLI

/// Runs `varve import` as people do: on a path of which they say nothing.
@Suite(.serialized)
struct ImportProgramTests {
    private let logs = """
        mkdir -p logs/a logs/b && printf 'epoch,step,loss\\n0,1,2\\n0,2,3\\n' > logs/a/metrics.csv && \
        printf '{"step":1,"x":5}\\n' > logs/b/log.jsonl
        """

    @Test func saysWhatItFound() throws {
        let shell = try Shell()
        try shell.succeed(logs)
        let result = try shell.run("varve import logs")
        #expect(result.code == 0)
        #expect(
            result.errors
                == "logs: CSV and TSV tables (csv, 1 run); JSON Lines (jsonl, 1 run); varve import csv logs takes one of them\n"
        )
        #expect(result.lines.first?.hasPrefix("2 runs (2 new), 5 points added from 2 files") == true, "\(result)")
        #expect(try shell.run("varve import logs").lines.first?.hasPrefix("2 runs (2 there already), 0 points") == true)
        #expect(try shell.succeed("varve import csv logs/a").output.contains("1 run"))
    }

    @Test(arguments: [
        ("varve import", 2, "name what to import"),
        ("varve import empty", 1, "\n  tensorboard: files with tfevents"),
        ("varve import tensorbord logs", 2, "'tensorbord' is no format; did you mean 'tensorboard'?"),
        ("varve import a b c", 2, "one path at a time"),
        ("varve import tensorboard logs", 1, "there are no TensorBoard event files in logs"),
        ("varve import nowhere", 1, "nowhere"), ("varve import csv logs --step nope", 2, "there is no column nope"),
        ("varve import csv logs --separator ab", 2, "a separator is one character"),
        ("varve import tensorboard tb --step x", 2, "are for tables"),
    ])
    func explainsWhatIsWrong(_ command: String, _ code: Int32, _ message: String) throws {
        let shell = try Shell()
        try shell.succeed(logs + " && mkdir empty tb && touch tb/events.out.tfevents.1.h")
        let result = try shell.run(command)
        #expect(result.code == code && result.errors.contains(message), "\(result)")
    }

    @Test func listsFormats() throws {
        let lines = try Shell().succeed("varve import --list-formats").lines
        #expect(lines.contains { $0.hasPrefix("tensorboard") && $0.contains("files with tfevents in their names") })
    }

    /// The proof is whole and says yes; a repository that holds something else makes it say no, and the verb fails.
    @Test func audits() throws {
        let shell = try Shell()
        try shell.succeed(logs)
        let result = try shell.run("varve import logs --audit proof.json")
        #expect(
            result.code == 0 && result.output.contains("audit: 5 points in 3 series, each there, once, bit for bit"))
        try shell.succeed(
            "python3 -c 'import json; p = json.load(open(\"proof.json\")); assert p[\"verdict\"] == \"equal\", p'")
        try shell.succeed(
            "varve log --run logs --resume $(varve runs | tail -n 1 | cut -f 1)", input: "{\"step\":9,\"x\":1}\n")
        let again = try shell.run("varve import logs --audit proof.json")
        #expect(again.code == 1 && again.output.contains("1 series differ"), "\(again)")
        try shell.succeed("grep -q '\"verdict\":\"different\"' proof.json")
    }

    /// What is appended to a live file is there about a second later, and an interrupt ends the verb as it should.
    @Test func follows() throws {
        let shell = try Shell()
        try shell.succeed(logs)
        let script = """
            varve import --follow logs > said 2> errors & pid=$!
            for i in $(seq 100); do sleep 0.1; varve series loss 2> /dev/null | grep -q '\t3$' && break; done
            printf '1,3,4.5\\n' >> logs/a/metrics.csv
            for i in $(seq 100); do sleep 0.1; varve series loss | grep -q '\t4.5$' && break; done
            kill -TERM $pid; wait $pid; echo $?
            """
        let result = try shell.run(script.replacingOccurrences(of: "\\t", with: "\t"))
        #expect(result.lines.last == "0", "\(result)")
        #expect(
            try shell.succeed("varve series loss | cut -f 4,6").lines == ["step\tvalue", "1\t2.0", "2\t3.0", "3\t4.5"])
        #expect(try shell.succeed("cat said").lines.count == 2)
    }
}
