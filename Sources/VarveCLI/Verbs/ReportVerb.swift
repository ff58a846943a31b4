import ArgumentParser
import Varve
import VarveCampaign

struct ReportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tell what came out of a campaign: n, mean, std and ci95 over seeds and splits.",
        discussion: """
            A row for each group of runs, metric and context. Groups are made by the params that vary; seeds, splits, folds \
            and experiment counters are averaged over. Only runs that finished count; the others are counted beside them, \
            and so are NaN and infinite values, which take no part in the figures. ci95 is half the width of the \
            confidence interval by Student's t. Of each metric those contexts are shown whose subset begins with \
            "test", and if it has none, all.

            Examples:
              varve report --metrics acc --precision 2
              varve report --where 'params.epochs == 50' --groupby model,lr --at best
              varve report --metrics acc --contexts val --compare model
              varve report --metrics step_time --groupby rank
              varve report --metrics acc,run_duration --format latex --output-folder out
            """)

    @OptionGroup var choice: ReportChoice

    @Option(
        name: .customLong("at"), parsing: .unconditional,
        help: ArgumentHelp("Which value of a curve counts: last, best, or that at a step.", valueName: "last|best|step")
    )
    var moment = MomentOption(moment: .last)

    @Option(help: ArgumentHelp("Of these metrics low values are the best ones.", valueName: "names"))
    var minimise: NameList?

    @Option(help: ArgumentHelp("Of these metrics high values are the best ones.", valueName: "names"))
    var maximise: NameList?

    @Option(
        help: ArgumentHelp(
            "Compare the values of these params in pairs of runs that are alike otherwise: t, Wilcoxon, effect sizes.",
            valueName: "params"))
    var compare: NameList?

    @Flag(help: "Runs that didn't finish count, too.")
    var unfinished = false

    @Flag(help: "Metrics are columns: a row for each group and context.")
    var wide = false

    @Option(help: ArgumentHelp("Digits after the point.", valueName: "digits"))
    var precision: Int?

    @Option(
        help: ArgumentHelp(
            "Also write campaign_summary/ID/summary.csv and runsinfo.csv there, for each campaign_id.", valueName: "dir"
        ))
    var outputFolder: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let precision, !(0...17).contains(precision) { throw ValidationError("--precision must be 0 to 17") }
        if wide, compare != nil { throw ValidationError("--compare has a table of its own: --wide doesn't go with it") }
    }

    func run() throws {
        let search = try choice.where.map { text throws(VarveError) in try Search(parsing: text) } ?? Search()
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let report = try Report(of: snapshot, search, options)
        guard !report.runs.isEmpty else {
            try search.hint(snapshot)
            throw Refusal(snapshot.runIDs.isEmpty ? "there are no runs yet" : "no run matches")
        }
        guard !report.rows.isEmpty else { throw Refusal("no metric of these runs matches") }
        let output = OutputStream()
        let areChosen = choice.groupBy != nil || !search.groups.isEmpty
        let listing = ReportListing(
            report: report, rounding: Rounding(decimals: precision), isWide: wide, areGroupsChosen: areChosen)
        let format = list.format ?? .standard(for: output.terminal)
        var hidden = 0
        if compare == nil {
            hidden = try listing.write(to: output, format)
        } else {
            let comparisons = ComparisonListing(comparisons: report.comparisons, rounding: listing.rounding)
            try comparisons.write(to: output, format)
            if report.comparisons.isEmpty {
                let params = HumanText.harmless((compare?.names ?? []).joined(separator: ", "))
                printNote("note: no two runs that are alike but for \(params) have values to compare")
            }
        }
        if format == .table {
            try output.line()
            for note in listing.notes(hiddenColumns: hidden) {
                try output.line(output.terminal.styled(HumanText.harmless(note), .dim))
            }
        }
        try output.flush()
        if let outputFolder { try save(snapshot, search, report, in: outputFolder) }
    }

    private var options: ReportOptions {
        var options = choice.options
        options.moment = moment.moment
        for name in minimise?.names ?? [] { options.directions[name] = .minimise }
        for name in maximise?.names ?? [] { options.directions[name] = .maximise }
        options.compare = compare?.names ?? []
        options.includesUnfinished = unfinished
        return options
    }

    /// A folder for each campaign, as tcbench makes them; runs without one have `all`.
    private func save(_ snapshot: Snapshot, _ search: Search, _ report: Report, in folder: String) throws {
        let campaigns = Report.campaigns(of: report.runs)
        for campaign in campaigns.isEmpty ? [nil] : campaigns.map(Optional.some) {
            var part = report
            if let campaign {
                var options = options
                options.campaigns = [campaign]
                part = try Report(of: snapshot, search, options)
            }
            let listing = ReportListing(report: part, rounding: Rounding(decimals: precision), isWide: wide)
            let directory = "\(folder)/campaign_summary/\(OutputFile.component(campaign ?? "all"))"
            let files: [(name: String, write: (OutputStream) throws -> Void)] = [
                ("summary.csv", { try listing.write(to: $0, .csv) }),
                ("runsinfo.csv", { try listing.writeValues(to: $0, .csv) }),
            ]
            for file in files {
                try OutputFile.write("\(directory)/\(file.name)", file.write)
                printNote("saving: \(directory)/\(file.name)")
            }
        }
    }
}

/// Which runs and metrics a report is about.
struct ReportChoice: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only what this holds for, such as 'params.lr > 0.01'; group by makes groups.", valueName: "expr"))
    var `where`: String?

    @Option(
        name: [.customLong("groupby"), .customLong("group-by")],
        help: ArgumentHelp(
            "The params that make groups (default: all that vary); keys of contexts such as rank, too.",
            valueName: "params"))
    var groupBy: NameList?

    @Option(
        help: ArgumentHelp(
            "Params, or keys of contexts such as rank, that are averaged over, too.", valueName: "params"))
    var over: NameList?

    @Option(
        help: ArgumentHelp(
            "The metrics (default: all); run_duration is how long runs took, values.x a single value.",
            valueName: "names"))
    var metrics: NameList?

    @Option(help: ArgumentHelp("The contexts: values such as val, or pairs such as subset=val.", valueName: "contexts"))
    var contexts: NameList?

    @Option(help: ArgumentHelp("Only campaigns with these values of campaign_id.", valueName: "ids"))
    var campaignId: NameList?

    var options: ReportOptions {
        var options = ReportOptions()
        options.groupBy = groupBy?.names
        options.over = over?.names ?? []
        options.metrics = metrics?.names
        options.contexts = contexts?.names
        options.campaigns = campaignId?.names
        return options
    }
}

/// Names with commas between them.
struct NameList: ExpressibleByArgument, Hashable, Sendable {
    var names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        if names.isEmpty || names.contains("") { return nil }
    }
}

/// `last`, `best`, or a step.
struct MomentOption: ExpressibleByArgument, Sendable {
    var moment: ReportOptions.Moment

    init(moment: ReportOptions.Moment) { self.moment = moment }

    init?(argument: String) {
        switch argument {
        case "last": moment = .last
        case "best": moment = .best
        default:
            guard let step = Int(argument) else { return nil }
            moment = .step(step)
        }
    }

    var defaultValueDescription: String { "last" }
}
