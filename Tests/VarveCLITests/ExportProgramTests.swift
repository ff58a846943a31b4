import Testing

/// Shows that a user gets each format whole or not at all: under the name they gave, or nowhere.
struct ExportProgramTests {
    private func campaign() throws -> Shell {
        let shell = try Shell()
        let rows = "step,loss,val/loss\n0,0.5,1\n1,0.25,\n1,0.125,0.5\n"
        try shell.succeed("varve log --run first --param lr=0.1 --context subset=train", input: rows)
        try shell.succeed("varve log --run 'second/2' --tag good", input: "{\"step\": 7, \"loss\": 0.1}\n")
        return shell
    }

    @Test(arguments: ["csv", "jsonl", "arrow", "parquet", "tensorboard", "mlflow", "sqlite"])
    func writesOnceAndWhole(_ format: String) throws {
        let shell = try campaign()
        let result = try shell.run("mkdir out && varve export \(format) --output out/all")
        let count = format == "sqlite" ? "2 runs" : "6 points"
        #expect(result.code == 0 && result.output == "" && result.errors.contains(count), "\(result)")
        #expect(try shell.succeed("ls -A out").lines == ["all"])
        let size = try shell.succeed("find out -type f -exec cksum {} + | sort").output
        let again = try shell.run("varve export \(format) --output out/all")
        #expect(again.code == 1 && again.errors.contains("already"), "\(again)")
        #expect(try shell.succeed("find out -type f -exec cksum {} + | sort").output == size)
        let nowhere = try shell.run("varve export \(format) --output none/all")
        #expect(nowhere.code == 1 && nowhere.errors.contains("none"), "\(nowhere)")
        #expect(try shell.succeed("ls -A out").lines == ["all"])
    }

    /// What is no file, or the process's own output, is written to and stays what it is.
    @Test(arguments: ["csv", "jsonl", "parquet"])
    func writesIntoDevicesAndPipes(_ format: String) throws {
        let shell = try campaign()
        let export = "varve export \(format) --quiet"
        let script = """
            \(export) > plain; mkfifo pipe
            cat pipe > piped & \(export) -o pipe; wait; test -p pipe && cmp plain piped && echo piped
            printf x > own; \(export) -o /dev/stdout >> own; printf x | cat - plain | cmp - own && echo appended
            \(export) -o /dev/null && test -c /dev/null && echo gone
            """
        let result = try shell.run(script)
        #expect(result.output == "piped\nappended\ngone\n" && result.errors == "", "\(result)")
        #expect(try shell.succeed("ls -A").lines.allSatisfy { !$0.hasSuffix(".part") })
    }

    @Test func writesTheWideForm() throws {
        let shell = try campaign()
        let lines = try shell.succeed("varve export csv --wide | cut -d , -f 1-3,5-").lines
        // Of step 1 the last value counts; val/loss stays a name where names are kept.
        #expect(
            lines == [
                "run,context,step,loss,val/loss", "first,subset=train,0,0.5,1.0", "first,subset=train,1,0.125,0.5",
                "second/2,,7,0.1,",
            ], "\(lines)")
        #expect(try shell.run("varve export csv --wide --all").code == 2)
        #expect(try shell.run("varve export parquet --wide --pixels 10").code == 2)
        #expect(try shell.run("varve export jsonl --wide").code == 2)
    }

    @Test func streamsIntoPipes() throws {
        let shell = try campaign()
        #expect(try shell.succeed("varve export parquet | head -c 4").output == "PAR1")
        #expect(try shell.succeed("varve export arrow | head -c 4 | od -An -tx1").output == " ff ff ff ff\n")
        try shell.run("varve export arrow --output a.arrow && varve export arrow --output b.arrows")
        #expect(try shell.succeed("head -c 6 a.arrow; tail -c 6 a.arrow").output == "ARROW1ARROW1")
        #expect(try shell.succeed("head -c 4 b.arrows | od -An -tx1").output == " ff ff ff ff\n")
    }

    /// What another program doesn't take is called otherwise, and said.
    @Test func tellsWhatItRenames() throws {
        let shell = try campaign()
        try shell.run("varve log --run '../up' --context 'k=a:b'", input: "{\"step\": 1, \"x=y\": 1}\n")
        let board = try shell.run("varve export tensorboard --output events")
        #expect(board.errors.contains("the run '../up' is called '__/up' there"), "\(board.errors)")
        #expect(board.errors.contains("note: 1 value can't be held exactly there"), "\(board.errors)")
        #expect(try shell.succeed("LC_ALL=C ls events").lines == ["__", "first", "second"])
        #expect(try shell.succeed("ls events/first events/__/up").output.contains("train"))
        let store = try shell.run("varve export mlflow --output mlruns --experiment e")
        #expect(store.errors.contains("the metric 'x=y/k.a:b' is called 'x_y/k.a_b' there"), "\(store.errors)")
    }
}
