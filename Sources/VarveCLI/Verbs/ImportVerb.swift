import ArgumentParser
import Varve
import VarveImport

struct ImportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in what other tools logged.",
        usage: "varve import [<format>] <path> [<options>]",
        discussion: """
            PATH is a directory of any depth, or one file. What it holds is found out, said, and imported; a format named \
            before it is the only one looked for. Importing the same directory again adds what is new, and nothing twice. \
            What Varve doesn't keep (graphs, PR curves, …) is counted and named.

            Formats:
            \(ImportFormat.all.map { "  \($0.name): \($0.title)" }.joined(separator: "\n"))
            """)

    @Argument(
        help: ArgumentHelp("A format, if only one is wanted, and the path.", valueName: "format-and-path"),
        completion: .file())
    var words: [String] = []

    @Flag(help: "Say which formats are known and what they are recognised by.")
    var listFormats = false

    @Flag(
        help:
            "Keep the names of runs and metrics as they are: without it 'train', 'val' and 'test' in them become the context 'subset'."
    )
    var keepNames = false

    @Flag(help: "Import runs anew whose files were replaced since; what there is of them goes to the trash.")
    var replaceChanged = false

    @Flag(name: .customLong("no-artifacts"), help: "Leave artifacts where they are.")
    var leavesArtifacts = false

    @Option(
        help: ArgumentHelp(
            "Prove that all points are there, and write the proof to this file: counts and hashes of every series on both sides, as JSON.",
            valueName: "file"))
    var audit: String?

    @Option(
        help: ArgumentHelp(
            "Aim, Neptune: a Python that can import aim or pyarrow (default: VARVE_PYTHON, else python3).",
            valueName: "path"))
    var python: String?

    @Flag(help: "Go on importing what grows until interrupted.")
    var follow = false

    @OptionGroup(title: "Tables (csv, jsonl)") var table: TableArguments
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if listFormats { return }
        guard !words.isEmpty else {
            throw ValidationError("name what to import; varve import --list-formats lists formats")
        }
        guard words.count <= 2 else { throw ValidationError("one path at a time, and one format before it at most") }
        if words.count == 2, ImportFormat(words[0]) == nil {
            let nearest = nearestName(to: words[0], among: ImportFormat.all.map(\.name))
            throw ValidationError(
                "'\(words[0])' is no format"
                    + (nearest.map { "; did you mean '\($0)'?" } ?? "; varve import --list-formats lists them"))
        }
        if follow, audit != nil {
            throw ValidationError("--audit is for what stands still: import with --audit when the training has ended")
        }
    }

    func run() throws {
        if listFormats { return try Self.list() }
        guard let path = words.last else { return }
        let format = words.count == 2 ? ImportFormat(words[0]) : nil
        let bar = ProgressBar("importing")
        var options = ImportOptions()
        options.keepNames = keepNames
        options.replaceChanged = replaceChanged
        options.artifacts = !leavesArtifacts
        options.python = python
        options.audits = audit != nil
        options.progress = { bar.update($0) }
        table.apply(to: &options)
        if follow {
            try ImportFollowing(path: path, format: format, options: options, common: common).run()
            return
        }
        let search = try ImportSearch(path, format, options: options)
        try check(search, format)
        let repository = try common.openOrCreate()
        if format == nil { printNote(Self.finding(search)) }
        for note in search.notes { printNote("note: \(HumanText.harmless(note))") }
        let start = monotonicTime()
        defer { bar.end() }
        let report = try repository.importLogs(search)
        bar.end()
        let output = OutputStream()
        let seconds = Double(monotonicTime() - start) / 1e9
        for line in ImportSummary(report, path: path, seconds: seconds).lines { try output.line(line) }
        try output.flush()
        Self.tellTroubles(report)
        var isComplete = report.problemCount == 0 && report.refused.isEmpty && report.unreadable.isEmpty
        if let audit, let proof = report.audit {
            try OutputFile.write(audit) { stream in try proof.writeJSON(report) { try stream.append(Array($0.utf8)) } }
            if !proof.isEqual { isComplete = false }
        }
        if !isComplete { throw Refusal() }
    }

    /// Refuses what has nothing to import, or options that fit nothing of it.
    private func check(_ search: ImportSearch, _ format: ImportFormat?) throws {
        if search.found.isEmpty {
            for note in search.notes { printError("note: \(HumanText.harmless(note))") }
            if let format { throw Refusal("there are no \(format.title) in \(HumanText.harmless(search.path))") }
            let looked = ImportFormat.all.map { "\n  \($0.name): \($0.signs)" }.joined()
            throw Refusal("nothing in \(HumanText.harmless(search.path)) is recognised; looked for\(looked)")
        }
        if table.isGiven, !search.found.contains(where: \.format.isTable) {
            throw ValidationError(
                "--step, --time, --run, --separator and --columns are for tables (csv, jsonl), --step for wandb, too")
        }
    }

    /// One line that says what was found.
    static func finding(_ search: ImportSearch) -> String {
        let parts = search.found.map { found in
            "\(found.format.title) (\(found.format.name), \(HumanText.plural(found.runs, "run")))"
        }
        let path = HumanText.harmless(search.path)
        let hint = parts.count > 1 ? "; varve import \(search.found[0].format.name) \(path) takes one of them" : ""
        return "\(path): \(parts.joined(separator: "; "))\(hint)"
    }

    /// Says what is wrong with the sources.
    static func tellTroubles(_ report: ImportReport) {
        for source in report.unreadable { printError("warning: left out: \(HumanText.harmless("\(source)"))") }
        for problem in report.problems.prefix(20) { printError("warning: \(HumanText.harmless("\(problem)"))") }
        if report.problemCount > 20 {
            printError("warning: … and \(HumanText.plural(report.problemCount - 20, "problem")) more")
        }
        for run in report.refused {
            printError("warning: left as it is: \(HumanText.harmless(run)); --replace-changed imports it anew")
        }
    }

    private static func list() throws {
        let output = OutputStream()
        let width = ImportFormat.all.map(\.name.count).max() ?? 0
        for format in ImportFormat.all {
            let name = format.name + String(repeating: " ", count: width - format.name.count)
            try output.line("\(name)  \(format.title): \(format.signs)")
        }
        try output.flush()
    }
}

/// What only tables take.
struct TableArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The column or key that holds the step (default: recognised, else rows are counted).", valueName: "name"))
    var step: String?

    @Option(help: ArgumentHelp("The column or key that holds the time (default: recognised).", valueName: "name"))
    var time: String?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The column or key that names the run (default: a file is a run).", valueName: "name"))
    var runName: String?

    @Option(
        help: ArgumentHelp("What separates cells (default: found out, mostly a comma).", valueName: "character"))
    var separator: String?

    @Option(
        help: ArgumentHelp(
            "The columns of tables that have no header, by names with commas between.", valueName: "names"))
    var columns: String?

    var isGiven: Bool { step != nil || time != nil || runName != nil || separator != nil || columns != nil }

    func validate() throws {
        if let separator, separator.utf8.count != 1 { throw ValidationError("a separator is one character") }
    }

    func apply(to options: inout ImportOptions) {
        options.step = step
        options.time = time
        options.run = runName
        options.separator = separator?.unicodeScalars.first
        options.columns = columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}
