import Foundation
import Testing
import Varve

/// A training that crashes three times and goes on from its last checkpoint each time shows one clean curve; what was taken back is
/// there for those who ask.
struct RestartTests {
    @Test func threeCrashes() throws {
        let shell = try Shell()
        // Each attempt gets ten steps beyond its checkpoint, which is five steps before it crashes.
        func steps(_ range: Range<Int>, _ attempt: Int) -> String {
            range.map { "{\"step\": \($0), \"loss\": \(Double(100 * attempt + $0))}\n" }.joined()
        }
        try shell.succeed("varve log --run training", input: steps(0..<10, 0))
        for attempt in 1...3 {
            let checkpoint = 5 * attempt
            try shell.succeed(
                "varve log --resume training --from \(checkpoint)",
                input: steps(checkpoint..<(checkpoint + 10), attempt))
        }
        for look in 0..<2 {
            let clean = try shell.succeed("varve series loss --format tsv | cut -f 4,6").lines.dropFirst()
            let expected = (0..<25).map { "\($0)\t\(Double(100 * min($0 / 5, 3) + $0))" }
            #expect(Array(clean) == expected, "look \(look)")
            #expect(try shell.succeed("varve series loss --all").lines.count == 41, "look \(look)")
            #expect(try shell.succeed("varve runs --format tsv | wc -l").output == "2\n")
            let picture = try shell.succeed("varve plot loss --colour never --width 60 --height 15").output
            #expect(picture.contains("loss") && picture.contains("step"))
            try shell.succeed("varve compact")
        }
        #expect(try shell.run("varve plot loss --all -o all.svg").code == 0)
        #expect(try shell.succeed("grep -c '<svg' all.svg").output == "1\n")
    }

    /// A fork has the history below its step, and no copy of it: the source's points are counted once.
    @Test func forks() throws {
        let shell = try Shell()
        try shell.succeed(
            "varve log --run source", input: (0..<10).map { "{\"step\": \($0), \"loss\": \($0)}\n" }.joined())
        try shell.succeed("varve log --run branch --fork source --from 6", input: "{\"loss\": 60}\n{\"loss\": 70}\n")
        for _ in 0..<2 {
            let series = try shell.succeed("varve series loss --run branch --format tsv | cut -f 4,6").lines.dropFirst()
            #expect(Array(series) == (0..<6).map { "\($0)\t\($0).0" } + ["6\t60.0", "7\t70.0"])
            let page = try JSONValue(parsing: shell.succeed("varve show branch --format json").output)
            let source = try JSONValue(parsing: shell.succeed("varve show source --format json").output)
            #expect(page["forked_from"]?.stringValue != nil && page["forked_from"] == source["id"], "\(page)")
            #expect(page["fork_step"] == 6)
            let id = try #require(source["id"]?.stringValue)
            let lines = try shell.succeed("varve show branch --format table").lines
            #expect(lines.contains("  fork of  source (\(id)), before step 6"), "\(lines)")
            let rows = try shell.succeed("varve show branch --format tsv").lines
            #expect(rows.contains("forked_from\t\(id)") && rows.contains("fork_step\t6"), "\(rows)")
            #expect(try shell.succeed("varve runs --where 'points == 2'").lines.count == 2)
            try shell.succeed("varve compact")
        }
        #expect(try shell.run("varve log --fork source", input: "").code == 2)
        #expect(
            try shell.run("varve log --fork nobody --from 1", input: "").errors.contains("there is no run 'nobody'"))
    }
}
