import ArgumentParser
import Varve

struct AddArtifact: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Copy files into the repository, and note them in a run.",
        discussion: """
            The run may be running, or long over. A directory is added file by file, each named by its path below the directory's \
            name. A name gets versions v1, v2, …; a file that hasn't changed since the last one isn't added again.

            Examples:
              varve artifact add baseline model.pt --step 1000
              varve artifact add baseline figures/ roc.png=plots/roc-final.png --context subset=test
            """)

    @OptionGroup var of: ArtifactRun

    @Argument(help: ArgumentHelp("Files and directories; NAME=PATH gives one another name.", valueName: "path"))
    var files: [String]

    @Option(parsing: .unconditional, help: ArgumentHelp("The step that they belong to.", valueName: "step"))
    var step: Int?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("The context that they belong to; may be repeated.", valueName: "key=value"))
    var context: [KeyValue] = []

    @Option(help: ArgumentHelp("Their version (default: v1, v2, …, counted for each name).", valueName: "text"))
    var version: String?

    @Option(help: ArgumentHelp("Their media type (default: what the name's ending says).", valueName: "type"))
    var type: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("say which files to add") }
        if version == "" || version == "latest" { throw ValidationError("a version is a word, and not 'latest'") }
    }

    func run() throws {
        let repository = try common.open()
        let run = try repository.snapshot().run(of.wanted)
        var chosen: [ArtifactFile] = []
        for word in files {
            let (name, path) = Self.split(word)
            let found = try repository.artifactFiles(at: path, name: name ?? Self.name(of: path))
            for path in found.skipped { printNote("note: \(path) is no file and is not added") }
            chosen += found.files.map { file in
                ArtifactFile(path: file.path, name: file.name, mediaType: type ?? MediaType.guess(file.path))
            }
        }
        guard !chosen.isEmpty else { throw Refusal("error: there are no files in what is to be added") }
        let bar = ProgressBar("adding")
        defer { bar.end() }
        let added = try Interruption.guarding(true) { interruption in
            try repository.addArtifacts(
                chosen, to: run.id, version: version, step: step, context: context.dictionary
            ) { progress throws(VarveError) in
                bar.update(progress)
                try interruption.check()
            }
        }
        bar.end()
        let output = OutputStream()
        for one in added {
            let artifact = one.artifact
            try output.line(
                "\(HumanText.harmless("\(artifact.name):\(artifact.version)"))  \(HumanText.bytes(artifact.size))"
                    + (one.isNew ? "" : "  unchanged"))
        }
        try output.flush()
    }

    /// `NAME=PATH`, unless all of it is a path.
    private static func split(_ word: String) -> (name: String?, path: String) {
        guard !MediaType.isThere(word), let equals = word.firstIndex(of: "="), equals != word.startIndex else {
            return (nil, word)
        }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    /// The last component of a path; nothing for `.` and the like: then what is below has no folder before it.
    private static func name(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        return last == "." || last == ".." ? "" : last
    }
}
