import Foundation
import Testing
import Varve

/// Shows that merging, moving, removing and repairing can be interrupted and killed at any instants, and that the same command, run again until
/// it ends, comes to what it comes to in one go.
///
/// The instants are drawn anew each time, and printed where a test fails: whatever they are, the outcome must not depend on them.
struct KilledTransferTests {
    /// A repository of runs that have one file or several, artifacts, later edits, and partly stand in a pack.
    private func shell() throws -> Shell {
        let shell = try Shell()
        var table = "run,step,loss\n"
        for run in 0..<24 {
            for step in 0..<50 { table += "r\(run),\(step),\(Double(run) / Double(step + 1))\n" }
        }
        try shell.succeed("cat > runs.csv", input: table)
        try shell.succeed(
            """
            varve import csv runs.csv --run run --repo a --quiet
            export VARVE_REPO=a
            head -c 300000 /dev/urandom > big
            varve artifact add r3 big > /dev/null; varve artifact add r4 other=big > /dev/null
            varve pack r5 r6 r7 > /dev/null
            varve tag --where 'name startswith "r1"' --add one > /dev/null
            varve set r2 --param lr=0.5 > /dev/null
            for run in r20 r21 r22; do
                id=$(varve runs --where "name == \\"$run\\"" --format tsv | tail -1 | cut -f 1)
                echo '{"step": 50, "loss": 7}' | VARVE_RUN_ID=$id varve log > /dev/null
            done
            """)
        return shell
    }

    /// What a repository says.
    private func content(_ shell: Shell, _ path: String) throws -> [String] {
        try shell.succeed(
            """
            export VARVE_REPO=\(path)
            varve export jsonl --all | sort
            varve runs --format jsonl | sort
            for run in r3 r4; do varve artifact ls $run --format tsv | sort; done 2> /dev/null
            varve artifact verify > /dev/null
            varve restore --format tsv | cut -f 1,2,4- | sort
            varve verify | cut -d : -f 1
            """
        ).lines
    }

    /// Runs a command again and again, each time but the last ended by a signal; returns when that came, in milliseconds.
    private func insist(_ shell: Shell, _ command: String, _ signal: String, starts: Int = 25) throws -> [Int] {
        var delays: [Int] = []
        for _ in 0..<starts {
            let delay = Int.random(in: 10...250)
            delays.append(delay)
            let result = try shell.run("exec timeout -s \(signal) \(Double(delay) / 1000) \(command)")
            if result.code == 0 { return delays }
        }
        let result = try shell.run(command)
        #expect(result.code == 0, "\(command): \(result.errors)")
        return delays
    }

    @Test(
        arguments: ["merge a --repo b", "mv --where 'points > 1' --repo a --to b", "mv NAMES --repo a --to b"],
        ["INT", "KILL"])
    func goesOn(_ verb: String, _ signal: String) throws {
        let shell = try shell()
        let names = (0..<24).map { "r\($0)" }.joined(separator: " ")
        let command = "varve " + verb.replacingOccurrences(of: "NAMES", with: names)
        try shell.succeed("cp -a a kept")
        let delays = try insist(shell, command, signal)
        let (source, target) = (try content(shell, "a"), try content(shell, "b"))
        try shell.succeed("rm -rf a b; mv kept a")
        #expect(try shell.run(command).code == 0)
        #expect(try content(shell, "b") == target, "\(delays)")
        #expect(try content(shell, "a") == source, "\(delays)")
        #expect(target.contains("fine"))
        // Once more: there is nothing left to do.
        #expect(try shell.run(command).code == 0)
        #expect(try content(shell, "b") == target)
    }

    /// Killed between two files of a run: what is left has neither name nor params any more, and is found all the same.
    @Test(arguments: ["mv r20", "mv --where 'name == \"r20\"'"]) func aHalfMovedRunIsFound(_ verb: String) throws {
        let shell = try shell()
        try shell.succeed(
            """
            varve cp r20 --repo a --to b > /dev/null
            first=$(ls -tr a/logs/$(varve runs --repo b --format tsv | tail -1 | cut -f 1).*.vlog | head -1)
            mkdir -p a/trash/1700000000 && mv $first a/trash/1700000000/
            """)
        #expect(try shell.run("varve runs --repo a --where 'name == \"r20\"' | wc -l").output == "1\n")
        for _ in 0..<2 {
            try shell.succeed("varve \(verb) --repo a --to b")
            #expect(try shell.succeed("varve runs --repo a | wc -l").output == "24\n")
        }
        #expect(try shell.run("varve mv r99 --repo a --to b").code == 1)
        #expect(
            try shell.succeed("varve restore --repo a --format tsv | cut -f 2,4").lines == ["name\tfiles", "r20\t2"],
            "its files stand in two folders of the trash")
        try shell.succeed("varve restore --all --repo a")
        #expect(try shell.succeed("varve series loss --repo a --run r20 | wc -l").output == "52\n")
    }

    @Test(arguments: ["--where 'points > 1'", "--where 'name startswith \"r2\"'", "NAMES"], ["INT", "KILL"])
    func removes(_ choice: String, _ signal: String) throws {
        let shell = try shell()
        let names = (0..<24).map { "r\($0)" }.joined(separator: " ")
        let command = "varve rm \(choice.replacingOccurrences(of: "NAMES", with: names)) --repo a"
        let before = try content(shell, "a")
        try shell.succeed("cp -a a kept")
        let delays = try insist(shell, command, signal)
        let after = try content(shell, "a")
        try shell.succeed("varve restore --all --repo a")
        #expect(try content(shell, "a") == before, "\(delays)")
        try shell.succeed("rm -rf a; mv kept a")
        #expect(try shell.run(command).code == 0)
        #expect(try content(shell, "a") == after, "\(delays)")
        // Once more: there is nothing left to do, and that is told.
        let again = try shell.succeed(command)
        #expect(again.output.contains("removed before r2"))
        #expect(try content(shell, "a") == after)
    }

    /// Killed between two files of a run: what is left has neither name nor params any more, and is found all the same.
    @Test(arguments: ["r20", "--where 'name == \"r20\"'", "--where 'metrics.loss.max == 20'"])
    func aHalfRemovedRunIsFound(_ choice: String) throws {
        let shell = try shell()
        try shell.succeed(
            """
            varve compact --repo a > /dev/null
            id=$(varve runs --repo a --where 'name == "r20"' --format tsv | tail -1 | cut -f 1)
            mkdir -p a/trash/1700000000 && mv $(ls -tr a/logs/$id.*.vlog | head -1) a/trash/1700000000/
            """)
        #expect(try shell.run("varve runs --repo a --where 'name == \"r20\"' | wc -l").output == "1\n")
        let told = try shell.succeed("varve rm \(choice) --repo a --dry-run").lines
        #expect(told.count == 1 && told[0].hasPrefix("would remove ") && told[0].hasSuffix("  r20"), "\(told)")
        #expect(try shell.succeed("varve rm \(choice) --repo a").lines.last?.hasPrefix("1 file, ") == true)
        #expect(try shell.succeed("varve runs --repo a | wc -l").output == "24\n")
        #expect(try shell.succeed("varve rm \(choice) --repo a").lines == ["removed before r20"])
        #expect(try shell.run("varve rm r99 --repo a").code == 1)
        #expect(try shell.run("varve rm --where 'name == \"r99\"' --repo a").code == 1)
        try shell.succeed("varve restore r20 --repo a")
        #expect(try shell.succeed("varve series loss --repo a --run r20 | wc -l").output == "52\n")
    }

    @Test(arguments: ["INT", "KILL"]) func repairs(_ signal: String) throws {
        let shell = try shell()
        try shell.succeed("varve compact --repo a > /dev/null")
        let damage = """
            import glob
            for path in sorted(glob.glob('a/logs/*.vlog'))[:12] + glob.glob('a/index/*.vseg'):
                with open(path, 'r+b') as file:
                    file.seek(-200, 2)
                    byte = file.read(1)
                    file.seek(-200, 2)
                    file.write(bytes([byte[0] ^ 255]))
            """
        try shell.run("python3 -", input: damage)
        try shell.succeed("cp -a a kept")
        let salvaged = "cd a/logs && for file in *.salvaged*; do echo $file $(sha256sum < $file); done"
        func outcome() throws -> [String] {
            let points = try shell.run("varve export jsonl --all --repo a | sort").lines
            let index = try shell.run("varve verify --repo a | grep -c index")
            return try shell.succeed(salvaged).lines + points + index.lines
        }
        var delays: [Int] = []
        // Something is left that can't be repaired, or not: either way the verb ends by itself in the end.
        while delays.count < 25 {
            delays.append(Int.random(in: 10...250))
            let code = try shell.run(
                "exec timeout -s \(signal) \(Double(delays[delays.count - 1]) / 1000) varve repair --repo a"
            ).code
            if code < 2 { break }
        }
        _ = try shell.run("varve repair --repo a")
        let found = try outcome()
        try shell.succeed("rm -rf a; mv kept a")
        let once = try shell.run("varve repair --repo a")
        #expect(once.code < 2 && once.output.contains("salvaged"), "\(once)")
        #expect(try outcome() == found, "\(delays)")
        #expect(found.contains("0"), "no segment that counts is damaged any more")
    }
}
