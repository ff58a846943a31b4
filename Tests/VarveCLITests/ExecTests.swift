import Foundation
import Testing

/// Shows that `varve exec` runs a command as if it had been started itself, and keeps what it said and how it ended.
struct ExecTests {
    private func text(_ shell: Shell, _ run: String, _ options: String = "") throws -> [String] {
        try shell.succeed("varve logs \(run) --raw \(options)").lines
    }

    private func property(_ shell: Shell, _ run: String, _ key: String) throws -> String? {
        try shell.succeed("varve show \(run) --format tsv").lines.first { $0.hasPrefix("\(key)\t") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    @Test func outputIsPassedOnUnchangedAndKept() throws {
        let shell = try Shell()
        let script = #"printf 'one\n\rtwo\rthree\n\377\000\nno end'; printf 'error\n' >&2; exit 3"#
        try shell.run(
            "export S='\(script.replacingOccurrences(of: "'", with: "'\\''"))'; sh -c \"$S\" > plain 2> plain.err")
        let ran = try shell.run(
            "export S='\(script.replacingOccurrences(of: "'", with: "'\\''"))'; varve exec --run r -- sh -c \"$S\" > kept 2> kept.err"
        )
        #expect(ran.code == 3)
        try shell.succeed("cmp plain kept && cmp plain.err kept.err")
        #expect(try text(shell, "r", "--channel stdout") == ["one", "three", "\u{FFFD}\0", "no end"])
        #expect(try text(shell, "r", "--channel stderr") == ["error"])
        #expect(try text(shell, "r", "--tail 1 --channel stdout") == ["no end"])
        #expect(try text(shell, "r", "--search '^t.*e$'") == ["three"])
        #expect(
            try text(shell, "r", "--since 1d").count == 5 && text(shell, "r", "--since 2199-01-01T00:00:00Z").isEmpty)
        let times = try shell.succeed("varve logs r --format jsonl").lines
        #expect(times.count == 5 && times.allSatisfy { $0.contains("Z\",\"channel\":\"std") })
        #expect(try shell.succeed("varve runs --format tsv | cut -f 2,3").lines[1] == "r\tfailed")
        #expect(try property(shell, "r", "process.exit_status")?.contains("3") == true)
        #expect(try shell.run("varve logs r --search '('").code == 2)
    }

    @Test func codesAreTheCommands() throws {
        let shell = try Shell()
        #expect(try shell.succeed("varve exec -- true").output == "")
        #expect(try shell.run("varve exec -- sh -c 'exit 200'").code == 200)
        #expect(try shell.run("varve exec -- sh -c 'kill -9 $$'").code == 137)
        let missing = try shell.run("varve exec --run none -- no-such-program-anywhere")
        #expect(missing.code == 127 && missing.errors.contains("no-such-program-anywhere"))
        #expect(try shell.run("touch f; varve exec -- ./f").code == 126)
        #expect(try shell.run("varve exec").code == 2)
        let states = try shell.succeed("varve runs --format tsv | cut -f 2,3 | tail -n +2").lines
        #expect(states == ["true\tfinished", "sh\tfailed", "sh\tfailed", "none\tfailed", "f\tfailed"])
        #expect(try property(shell, "none", "process.command")?.contains("no-such-program") == true)
        #expect(try shell.succeed("echo in | varve exec --run in -- cat").output == "in\n")
        // Whoever reads us goes: the command gets SIGPIPE, as it would without us.
        #expect(try shell.succeed("varve exec --run yes -- yes | head -n 1").output == "y\n")
        #expect(try property(shell, "yes", "process.signal")?.contains("13") == true)
    }

    @Test func factsAreKept() throws {
        let shell = try Shell()
        let git = "git -c user.email=a@b.c -c user.name=n"
        try shell.succeed(
            "git init -q . && echo a > f && \(git) add f && \(git) commit -qm m && echo b >> f && touch new")
        try shell.succeed(
            "SECRET=s WANTED=w varve exec --run r --param lr=0.1 --tag t --env WANTED --env NOT_SET -- sh -c 'exit 0'")
        let commit = try shell.succeed("git rev-parse HEAD").lines[0]
        #expect(try property(shell, "r", "process.git.commit")?.contains(commit) == true)
        #expect(try property(shell, "r", "process.git.dirty")?.contains("true") == true)
        #expect(try property(shell, "r", "process.env.WANTED")?.contains("w") == true)
        let page = try shell.succeed("varve show r --format json").output
        #expect(!page.contains("SECRET") && !page.contains("NOT_SET") && page.contains("\"lr\""))
        let diff = try shell.succeed("varve artifact get r git.diff -o -").output
        #expect(diff.contains("+b") && diff.hasPrefix("diff --git"))
        try shell.succeed("git apply -R --check < <(varve artifact get r git.diff -o -)")
        // Outside of a work tree there is nothing of git, and nobody complains.
        try shell.succeed("mkdir -p /tmp/\(UUID().uuidString)")
        try shell.succeed("GIT_CEILING_DIRECTORIES=$PWD/.. GIT_DIR=/nowhere varve exec --run plain -- true")
        #expect(try property(shell, "plain", "process.git.commit") == nil)
    }

    /// What the command logs with Varve goes into the same run, and its own end isn't the run's.
    @Test func commandJoinsItsRun() throws {
        let shell = try Shell()
        let inner = "cd / && echo '{\"step\":1,\"loss\":0.5}' | varve log > /dev/null; echo said; exit 1"
        #expect(
            try shell.run("varve exec --run r -- sh -c '\(inner.replacingOccurrences(of: "'", with: "'\\''"))'").code
                == 1)
        #expect(try shell.succeed("varve runs --format tsv | tail -n +2 | cut -f 2,3,7").lines == ["r\tfailed\t0"])
        #expect(try shell.succeed("varve series loss").lines.count == 2)
        #expect(try text(shell, "r") == ["said"])
        // Another attempt of the same run.
        #expect(try shell.run("varve exec --resume r -- echo again").code == 0)
        #expect(try text(shell, "r") == ["said", "again"])
        #expect(try shell.succeed("varve runs --format tsv | tail -n +2 | cut -f 3,7").lines == ["finished\t1"])
    }

    @Test func signalsGoOn() throws {
        let shell = try Shell()
        let trap = "trap 'echo got term; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
        let ran = try shell.run(
            "varve exec --run r -- sh -c '\(trap.replacingOccurrences(of: "'", with: "'\\''"))' > out & p=$!; "
                + "until grep -q ready out; do sleep 0.02; done; kill -TERM $p; wait $p")
        #expect(ran.code == 5)
        #expect(try text(shell, "r") == ["ready", "got term"])
        let killed = try shell.run(
            "varve exec --run s -- sh -c 'echo ready; exec sleep 50' > out2 & p=$!; "
                + "until grep -q ready out2; do sleep 0.02; done; kill -HUP $p; wait $p")
        #expect(killed.code == 129)
        #expect(try shell.succeed("varve show s").output.contains("killed by signal 1"))
    }

    /// Its output has nowhere to go, and a signal ends it all the same.
    @Test func aReaderThatDoesNotReadHoldsNobodyUp() throws {
        let shell = try Shell()
        // SIGKILL for the reader: it may have inherited blocked signals, and whoever waits for the shell waits for it, too.
        let ran = try shell.run(
            "mkfifo f; sleep 100 < f & s=$!; varve exec --run r -- yes > f & p=$!; sleep 1; kill -TERM $p; wait $p; echo $?; kill -KILL $s"
        )
        #expect(ran.lines == ["143"] && ran.code == 0)
        #expect(try text(shell, "r", "--tail 1") == ["y"])
    }

    /// What it leaves behind and goes on writing isn't waited for, nor does closing its outputs end it.
    @Test func leftoversAndClosedOutputs() throws {
        let shell = try Shell()
        let ran = try shell.succeed(
            "SECONDS=0; p=$(varve exec --run r -- sh -c 'sleep 50 & echo $!'); echo $SECONDS; kill -KILL $p; echo $p")
        #expect(Int(ran.lines[0]).map { $0 < 40 } == true)
        #expect(try text(shell, "r") == [ran.lines[1]])
        #expect(try shell.run("varve exec --run c -- sh -c 'exec >&- 2>&-; sleep 0.3; exit 4'").code == 4)
    }

    @Test func muchOutputIsBoundedAndSaid() throws {
        let shell = try Shell()
        let ran = try shell.run("varve exec --run r --most-output 1 -- seq 400000 | tail -n 1")
        #expect(ran.output == "400000\n" && ran.errors.contains("not kept"))
        let last = try text(shell, "r", "--tail 1")
        #expect(last[0].hasSuffix("bytes more, which are not kept"))
        #expect(try text(shell, "r", "--search '^20000$'") == ["20000"])
        let none = try shell.run("varve exec --run n --most-output 0 -- echo hello")
        #expect(none.output == "hello\n" && none.errors.contains("6 B"))
    }

    /// On a terminal the command has one too, as wide as ours.
    @Test func terminalsStayTerminals() throws {
        let shell = try Shell()
        let inner =
            "varve exec --run r -- sh -c \"test -t 1 && test -t 2 && stty size <&1; printf one; printf \\\"\\\\033[31mred\\\\033[0m\\\"\""
        try shell.succeed("cat > t.sh <<'END'\nstty rows 33 cols 101\n\(inner)\nEND")
        let shown = try shell.succeed("script -qec 'bash t.sh' /dev/null < /dev/null").output
        #expect(shown.contains("33 101") && shown.contains("one\u{1B}[31mred\u{1B}[0m"))
        let kept = try text(shell, "r")
        #expect(kept == ["33 101", "one\u{1B}[31mred\u{1B}[0m"])
        let page = try shell.succeed("TZ=UTC varve logs r --format table").output
        #expect(page.contains("onered") && !page.contains("\u{1B}") && page.contains(" +00:00 ──"))
        #expect(try shell.succeed("TZ=Asia/Kolkata varve logs r --format table").output.contains(" +05:30 ──"))
    }

    @Test func followGoesOnToTheEnd() throws {
        let shell = try Shell()
        let script = "echo one; sleep 0.5; echo two; echo x >&2; sleep 0.5; echo three"
        let followed = try shell.run(
            "varve exec --run r -- sh -c '\(script)' > /dev/null 2>&1 & "
                + "until varve logs r --raw 2> /dev/null | grep -q one; do sleep 0.02; done; varve logs r --follow --raw --channel stdout; wait"
        )
        #expect(followed.code == 0 && followed.lines == ["one", "two", "three"])
        #expect(try shell.run("varve logs r --follow --raw --tail 1").lines == ["three"])
    }

    @Test func machineIsWatched() throws {
        let shell = try Shell()
        // It lasts until two measurements can be read, however busy the machine is; ten seconds at the least if none ever can.
        let count = "varve series memory_resident_bytes --context system=process 2> /dev/null | wc -l"
        let script = "for i in $(seq 100); do sleep 0.1; [ $(\(count)) -lt 3 ] || break; done"
        try shell.run("varve exec --run r --system --system-every 0.2 -- sh -c '\(script)'")
        let metrics = try shell.succeed("varve metrics").output
        #expect(metrics.contains("memory_resident_bytes") && metrics.contains("system=host"))
        #expect(try shell.succeed("varve series memory_resident_bytes --context system=process").lines.count >= 3)
        #expect(try shell.run("varve exec --system --system-every 0 -- true").code == 2)
    }
}
