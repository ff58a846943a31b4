import ArgumentParser
import Varve

struct RestoreVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring removed runs back from the trash.",
        discussion: "Without a run it lists what is in the trash.")

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names.", valueName: "run"))
    var wanted: [String] = []

    @Flag(help: "Everything that is in the trash.")
    var all = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let trashed = try repository.trashedRuns()
        let output = OutputStream()
        guard all || !wanted.isEmpty else { return try write(trashed, to: output) }
        let chosen = all ? trashed : try wanted.map { try Self.find($0, in: trashed) }
        guard !chosen.isEmpty else { throw Refusal("the trash is empty") }
        var seen: Set<RunID> = []
        let report = try repository.restore(chosen.map(\.id).filter { seen.insert($0).inserted })
        try RunLines(repository.snapshot()).tell("restored", report.restored, to: output)
        try output.line("\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)) moved back")
        try output.flush()
    }

    /// The run of the trash that a name, an ID or the beginning of one means.
    ///
    /// - Throws: `notFound`, or `invalid` if it means several.
    static func find(_ text: String, in trashed: [TrashedRun]) throws -> TrashedRun {
        let lower = text.lowercased()
        var found = trashed.filter { $0.id.description == lower || $0.name == text }
        if found.isEmpty, text.utf8.count >= 4 { found = trashed.filter { $0.id.description.hasPrefix(lower) } }
        guard let first = found.first else {
            let nearest = FilterNames.nearest(to: text, among: trashed.map(\.name))
            throw VarveError(
                .notFound, "there is no run '\(text)' in the trash",
                remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve restore lists what there is")
        }
        guard found.count == 1 else {
            throw VarveError(
                .invalid, "'\(text)' names \(found.count) runs in the trash", remedy: "take their IDs")
        }
        return first
    }

    private func write(_ trashed: [TrashedRun], to output: OutputStream) throws {
        let ids = ShortIDs(trashed.map(\.id))
        let now = wallTime()
        let writer = try ListWriter(
            output, format: list.format,
            columns: [
                Column("id", title: "RUN"), Column("name"), Column("removed"), Column("files", numeric: true),
                Column("bytes", title: "SIZE", numeric: true),
            ])
        for run in trashed {
            try writer.row([
                .id(run.id, ids), .text(run.name), .time(run.removed, now: now),
                .count(run.files), .bytes(run.bytes),
            ])
        }
        try writer.end()
        if trashed.isEmpty, writer.isTable { printNote("the trash is empty") }
    }
}

struct CollectVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Free the space of removed runs, for good.",
        discussion: """
            Empties the trash of what was removed long enough ago, then removes artifacts that no run names any more. What the \
            index holds of them is freed when it is next merged.
            """)

    @Option(help: ArgumentHelp("Only what was removed at least so long ago: 30d, 12h, 0.", valueName: "age"))
    var olderThan: Age = Age(nanoseconds: 30 * 86_400_000_000_000)

    @Flag(name: [.long, .customShort("n")], help: "Only tell what would go.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let bar = ProgressBar("collecting")
        let report = try repository.collect(olderThan: olderThan.nanoseconds, dryRun: dryRun) { bar.update($0) }
        bar.end()
        let output = OutputStream()
        let would = dryRun ? "would free" : "freed"
        var parts = ["\(HumanText.plural(report.runs.count, "run")) in the trash"]
        if report.artifacts > 0 { parts.append(HumanText.plural(report.artifacts, "artifact")) }
        if report.leftovers > 0 { parts.append(HumanText.plural(report.leftovers, "left-over file")) }
        try output.line("\(would) \(HumanText.bytes(report.bytes)): \(parts.joined(separator: ", "))")
        try output.flush()
        if let problem = report.problems.first {
            printError("warning: artifacts were kept, since not every log can be read: \(problem)")
        }
    }
}

/// `30d`, `12h`, `90m`, `10s`, `0`.
struct Age: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    var nanoseconds: Int64

    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
        ("s", 1_000_000_000),
    ]

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    init?(argument: String) {
        if argument == "0" {
            nanoseconds = 0
            return
        }
        guard let unit = Self.units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Int64(argument.dropLast()), number >= 0
        else { return nil }
        let (product, isOver) = number.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !isOver else { return nil }
        nanoseconds = product
    }

    var description: String {
        guard let unit = Self.units.first(where: { nanoseconds >= $0.nanoseconds && nanoseconds % $0.nanoseconds == 0 })
        else { return "0" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }

    var defaultValueDescription: String { description }
}
