import Testing

/// `--quiet` leaves errors and warnings on standard error, and nothing else.
struct QuietTests {
    @Test func notesAreLeftOut() throws {
        let shell = try Shell()
        let input = #"{"step": 0, "loss": 1, "said": "hello"}"# + "\n"
        #expect(try shell.run("varve log", input: input).errors.contains("note: 1 value of 'said'"))
        let quiet = try shell.run("varve log --quiet", input: input)
        #expect(quiet.errors == "" && quiet.code == 0)
        let before = try shell.run("varve --quiet --repo .varve log", input: input)
        #expect(before.errors == "" && before.code == 0)
        #expect(try shell.run("varve export csv -o points.csv").errors.contains("points"))
        #expect(try shell.run("varve export csv -o again.csv --quiet").errors == "")
        #expect(try shell.run("varve import points.csv --repo other").errors.contains("points.csv: "))
        #expect(try shell.run("varve import points.csv --repo third --quiet").errors == "")
    }

    @Test func errorsAndWarningsStay() throws {
        let shell = try Shell()
        try shell.run("varve init")
        let error = try shell.run("varve series nothing --quiet")
        #expect(error.code == 1 && error.errors.hasPrefix("error:"))
        // A log that is damaged.
        try shell.run("printf 'no log' > .varve/logs/01a21796-2b9f-76b3-a2e6-7a8ba4ea704b.1.vlog")
        #expect(try shell.run("varve runs --quiet").errors.hasPrefix("warning:"))
        #expect(try shell.run("varve --quiet runs").errors.hasPrefix("warning:"))
        for words in ["runs --quiet --verbose", "--quiet --verbose runs", "--verbose runs --quiet"] {
            #expect(try shell.run("varve \(words)").code == 2, "\(words)")
        }
    }
}
