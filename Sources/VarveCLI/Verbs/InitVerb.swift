import ArgumentParser
import Varve

struct InitVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a repository.",
        discussion:
            "Other verbs find it from every folder below it. `varve log` and the importers make one by themselves.")

    @Argument(help: "Its directory; it must not hold a repository yet.")
    var dir = ".varve"

    @Option(help: "What it is called.")
    var name = ""

    func run() throws {
        let repository = try Repository.create(at: dir, name: name)
        let output = OutputStream()
        try output.line("made \(repository.path)")
        try output.flush()
    }
}
