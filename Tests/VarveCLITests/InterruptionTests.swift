import Testing

/// Shows that verbs which write files end as a signal ends a program, leave nothing half done, and do all of it when they are run again.
///
/// The signal is on its way before the verb begins, so that it comes at the first block whatever the machine's speed.
struct InterruptionTests {
    @Test(
        arguments: [
            "export csv -o out/all", "export jsonl -o out/all", "export arrow -o out/all", "export parquet -o out/all",
            "export tensorboard -o out/all", "export mlflow -o out/all", "export sqlite --points -o out/all",
            "bundle first -o out/all", "artifact get first big -o out/all", "artifact add first other",
            "artifact verify",
        ], ["SIGINT", "SIGTERM"])
    func canBeRunAgain(_ verb: String, _ signal: String) throws {
        let shell = try Shell()
        try shell.succeed("varve log --run first", input: "step,loss\n0,0.5\n1,0.25\n")
        try shell.succeed("mkdir out && head -c 3000000 /dev/zero > big && varve artifact add first big")
        try shell.succeed("head -c 3000001 /dev/zero > other")
        let sender = """
            import os, signal, sys; signal.signal(signal.\(signal), signal.SIG_DFL); \
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.\(signal)]); \
            os.kill(os.getpid(), signal.\(signal)); os.execvp(sys.argv[1], sys.argv[1:])
            """
        let files = "find out .varve -type f -o -type d | sort"
        let before = try shell.succeed(files).lines
        let result = try shell.run("python3 -c '\(sender)' varve \(verb)")
        #expect(result.code == (signal == "SIGINT" ? 130 : 143), "\(result)")
        #expect(try shell.succeed(files).lines == before)
        let again = try shell.run("varve \(verb)")
        #expect(again.code == 0, "\(again)")
    }

    /// An import that is ended wherever its files reach a size, and run again, gives what it gives at one go: no run twice, none without
    /// its points. MLflow's runs are known again by their IDs, tables by their names.
    @Test func anImportIsMadeGood() throws {
        let shell = try Shell()
        try shell.succeed(
            """
            mkdir -p whole logs/c logs/mlruns/0/0123456789abcdef0123456789abcdef/metrics && cd logs
            printf 'artifact_location: ""\nexperiment_id: "0"\nlifecycle_stage: active\nname: e\n' > mlruns/0/meta.yaml
            cd mlruns/0/0123456789abcdef0123456789abcdef
            printf 'artifact_uri: ""\nend_time: 5\nexperiment_id: "0"\nlifecycle_stage: active\nrun_id: 0123456789abcdef0123456789abcdef\nrun_name: one\nstart_time: 1\nstatus: 3\n' > meta.yaml
            awk 'BEGIN { srand(1); for (i = 0; i < 9000; i++) print "17000000" 10000 + i, rand(), i }' > metrics/loss
            cd ../../.. && awk 'BEGIN { srand(2); print "step,acc"; for (i = 0; i < 9000; i++) print i "," rand() }' > c/metrics.csv
            cd ../whole && varve init . && varve import ../logs 2>/dev/null
            """)
        let show = "varve runs | cut -f 2,3,8 | sort; varve export csv | cut -d , -f 2- | sort | cksum"
        let expected = try shell.succeed("cd whole && \(show)").lines
        #expect(expected.dropLast() == ["c\tfinished\t9000", "name\tstatus\tpoints", "one\tfinished\t9000"])
        var ended = 0
        for blocks in [0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 96, 128] {
            try shell.succeed("mkdir r\(blocks) && varve init r\(blocks)")
            if try shell.run("cd r\(blocks) && ulimit -f \(blocks) && varve import ../logs").code != 0 { ended += 1 }
            try shell.succeed("cd r\(blocks) && varve import ../logs 2>/dev/null")
            let found = try shell.succeed("cd r\(blocks) && \(show)").lines
            #expect(found == expected, "ended at \(blocks) blocks")
        }
        #expect(ended > 3)
    }
}
