import Testing

/// The completions that swift-argument-parser makes are scripts that their shells take, and know the verbs.
struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"]) func scriptsKnowTheVerbs(_ name: String) throws {
        let shell = try Shell()
        let script = try shell.run("varve --generate-completion-script \(name) > completions && cat completions")
        #expect(script.code == 0, "\(script.errors)")
        for verb in ["import", "campaign", "confusion", "--where"] {
            #expect(script.output.contains(name == "fish" && verb == "--where" ? "where" : verb), "\(verb)")
        }
        // Debian has bash; where the others are, they look at theirs.
        #expect(try shell.run("! command -v \(name) > /dev/null || \(name) -n completions").code == 0)
    }
}
