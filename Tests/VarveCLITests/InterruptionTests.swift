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
}
