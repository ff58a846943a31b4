import ArgumentParser
import Varve

/// The end of every verb that sets properties from outside.
private func edit(
    _ selection: RunSelection, _ common: CommonOptions, _ properties: [String: PropertyValue]
) throws {
    let repository = try common.open()
    let snapshot = try repository.snapshot()
    let runs = try selection.someRuns(in: snapshot)
    try repository.set(properties, of: runs.map(\.id))
    let output = OutputStream()
    try output.line("changed \(HumanText.plural(runs.count, "run"))")
    try output.flush()
}

struct TagVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Add tags to runs, or remove them.",
        discussion: "Many runs are changed at once: varve tag --where 'params.lr > 0.1' --add unstable")

    @OptionGroup var selection: RunSelection

    @Option(name: .long, parsing: .singleValue, help: "A tag to add; may be repeated.")
    var add: [String] = []

    @Option(name: .long, parsing: .singleValue, help: "A tag to remove; may be repeated.")
    var remove: [String] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !add.isEmpty || !remove.isEmpty else { throw ValidationError("say --add TAG or --remove TAG") }
        if (add + remove).contains("") { throw ValidationError("a tag has at least one character") }
        if let both = add.first(where: remove.contains) {
            throw ValidationError("'\(both)' can't be added and removed at once")
        }
    }

    func run() throws {
        var properties: [String: PropertyValue] = [:]
        for tag in add { properties["tags.\(tag)"] = true }
        for tag in remove { properties["tags.\(tag)"] = .absent }
        try edit(selection, common, properties)
    }
}

struct NoteVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Write a note on runs.",
        discussion: "An empty note removes the one that is there.")

    @OptionGroup var selection: RunSelection

    @Option(name: [.long, .customShort("m")], help: ArgumentHelp("The note.", valueName: "text"))
    var text: String

    @OptionGroup var common: CommonOptions

    func run() throws { try edit(selection, common, ["note": text.isEmpty ? .absent : .string(text)]) }
}

struct RenameVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a run another name.", discussion: "Its ID stays what it is.")

    @Argument(help: ArgumentHelp("A run: its ID, the beginning of it, or its name.", valueName: "run"))
    var wanted: String

    @Argument(help: "The new name.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let run = try repository.snapshot().run(wanted)
        try repository.set(["name": .string(name)], of: [run.id])
        let output = OutputStream()
        let before = HumanText.harmless(run.name.isEmpty ? run.id.description : run.name)
        try output.line(name.isEmpty ? "\(before) has no name now" : "\(before) is \(HumanText.harmless(name)) now")
        try output.flush()
    }
}

struct SetVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set params and values of runs, during a run or after it.",
        discussion: """
            A value has the type that it looks like: 3, 0.1, true, [1, 2]; in double quotes it is text. \
            varve set baseline --param optimizer=adam --value best=0.93 --unset params.old
            """)

    @OptionGroup var selection: RunSelection

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A param to set; may be repeated.", valueName: "key=value"))
    var param: [KeyValue] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A single value to set; may be repeated.", valueName: "key=value"))
    var value: [KeyValue] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A property to remove, such as params.lr; may be repeated.", valueName: "key"))
    var unset: [String] = []

    @Option(help: ArgumentHelp("What the run counts as: finished, failed, killed; 'none' believes its log again."))
    var status: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !param.isEmpty || !value.isEmpty || !unset.isEmpty || status != nil else {
            throw ValidationError("say what to set with --param, --value, --status or --unset")
        }
        if let status, status != "none", !Self.statuses.contains(status) {
            throw ValidationError(
                "a run can be set to \(Self.statuses.joined(separator: ", ")) or none, not '\(status)'")
        }
    }

    private static let statuses = ["finished", "failed", "killed"]

    func run() throws {
        var properties: [String: PropertyValue] = [:]
        for key in unset { properties[key] = .absent }
        for pair in param { properties["params.\(pair.key)"] = pair.typed }
        for pair in value { properties["values.\(pair.key)"] = pair.typed }
        if let status { properties["status"] = status == "none" ? .absent : .string(status) }
        try edit(selection, common, properties)
    }
}

struct ArchiveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Take runs out of the lists, without removing anything.",
        discussion: """
            `varve runs` passes archived runs over unless it is asked for them by --archived. Reading, \
            reports and plots name runs as before. --undo puts them back.
            """)

    @OptionGroup var selection: RunSelection

    @Flag(help: "Put archived runs back into the lists.")
    var undo = false

    @OptionGroup var common: CommonOptions

    func run() throws { try edit(selection, common, ["archived": undo ? .absent : true]) }
}
