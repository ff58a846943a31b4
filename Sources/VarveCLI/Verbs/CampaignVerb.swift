import ArgumentParser
import Varve
import VarveCampaign

struct CampaignVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign", abstract: "Plan a grid of runs, see how far it is, and run what is missing.",
        discussion: """
            Example:
              varve campaign plan --axis seed=1,2,3 --axis split=0..4 \\
                  -- python train.py --seed {seed} --split {split}
              varve campaign run --workers 4
              varve campaign status
            """,
        subcommands: [PlanVerb.self, StatusVerb.self, MissingVerb.self, RunPlanVerb.self])
}

struct PlanVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Write down the axes of a grid and their values.",
        discussion: """
            From options, or from a file in YAML or JSON with axes, params, exclude and command; options add to it. A run \
            is one of a cell if its params have the cell's values, however it was started.

            Examples:
              varve campaign plan --axis lr=0.1,0.01 --axis seed=0..2 --param epochs=50
              varve campaign plan grid.yaml --campaign-id first
            """)

    @Argument(help: ArgumentHelp("A plan in YAML or JSON; -: standard input.", valueName: "file"))
    var file: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An axis: values with commas, A..B for whole numbers, or a JSON list; may be repeated.",
            valueName: "name=values"))
    var axis: [AxisOption] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A param that all runs have; may be repeated.", valueName: "name=value"))
    var param: [KeyValue] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Leave out cells with all of these values; may be repeated.", valueName: "name=value,…"))
    var exclude: [CombinationOption] = []

    @Option(help: ArgumentHelp("What the campaign is called (default: the time in seconds).", valueName: "id"))
    var campaignId: String?

    @Flag(help: "Take the place of another plan with this ID.")
    var replace = false

    @Flag(help: "Show the plan, and write nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "What runs a cell, with axes in braces: -- python train.py --seed {seed}", valueName: "command"))
    var command: [String] = []

    func run() throws {
        let plan = try makePlan()
        for word in plan.command { _ = try CellTemplate(word, of: plan) }
        let output = OutputStream()
        if !dryRun { try PlanStore(common.openOrCreate()).save(plan, replaces: replace) }
        try output.line("campaign_id: \(HumanText.harmless(plan.id))")
        for axis in plan.axes {
            let values = axis.values.prefix(20).map(\.plainText).joined(separator: ", ")
            let rest = axis.values.count > 20 ? ", …" : ""
            try output.line(HumanText.harmless("\(axis.name) (\(axis.values.count)): [\(values)\(rest)]"))
        }
        for key in plan.params.keys.sorted() {
            try output.line(HumanText.harmless("\(key): \(plan.params[key]?.plainText ?? "")"))
        }
        try output.line("cells: \(plan.cells.count)")
        try output.flush()
    }

    private func makePlan() throws -> CampaignPlan {
        let id = campaignId ?? String(wallTime() / 1_000_000_000)
        var plan: CampaignPlan
        if let file {
            let text = try file == "-" ? PlanText.standardInput() : PlanText.read(file)
            plan = try CampaignPlan(parsing: text, id: id, adding: axis.map(\.axis))
            if let campaignId { plan.id = campaignId }
        } else {
            plan = try CampaignPlan(id: id, axes: axis.map(\.axis))
        }
        for pair in param { plan.params[pair.key] = pair.typed }
        plan.exclude += exclude.map(\.values)
        if !command.isEmpty { plan.command = command }
        // Checked anew, as a whole.
        return try CampaignPlan(
            id: plan.id, axes: plan.axes, params: plan.params, exclude: plan.exclude, command: plan.command)
    }
}

struct StatusVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how many cells are done, running, stalled, failed, killed and missing.")

    @Flag(help: "A row a cell instead of counts.")
    var cells = false

    @Option(
        help: ArgumentHelp("A running cell that logs nothing for so long is stalled (default: 10m).", valueName: "time")
    )
    var stalledAfter: DurationOption?

    @OptionGroup var list: ListOptions
    @OptionGroup var choice: CampaignChoice

    func run() throws {
        let status = try choice.status(stalledAfter: stalledAfter)
        let output = OutputStream()
        let format = list.format ?? .standard(for: output.terminal)
        let listing = CampaignListing(status: status, now: wallTime())
        if cells { return try listing.writeCells(status.cells, to: output, format) }
        try listing.writeCounts(to: output, format)
        if format == .table {
            try output.line()
            for note in listing.notes { try output.line(output.terminal.styled(HumanText.harmless(note), .dim)) }
        }
        try output.flush()
    }
}

struct MissingVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "missing", abstract: "List the cells that are still to be run: missing, failed and killed ones.",
        discussion: """
            Examples:
              varve campaign missing --format 'python train.py --seed {seed}' | xargs -P 4 -d '\\n' -n 1 sh -c
              varve campaign missing --format 'sbatch job.sh {seed} {split}' | sh
            """)

    @Option(
        help: ArgumentHelp(
            "A line a cell, with values in braces, quoted for a shell; or the name of a format of lists.",
            valueName: "text"))
    var format: String?

    @Option(help: ArgumentHelp("Only cells in these states, such as missing,stalled.", valueName: "states"))
    var states: NameList?

    @Option(
        help: ArgumentHelp("A running cell that logs nothing for so long is stalled (default: 10m).", valueName: "time")
    )
    var stalledAfter: DurationOption?

    @OptionGroup var choice: CampaignChoice

    func run() throws {
        let status = try choice.status(stalledAfter: stalledAfter)
        let output = OutputStream()
        let found = try cells(status)
        if let format, ListFormat(rawValue: format) == nil {
            let template = try CellTemplate(format, of: status.plan)
            for cell in found { try output.line(template.text(cell.cell, of: status.plan, isQuoted: true)) }
            try output.flush()
        } else {
            let format = format.flatMap { ListFormat(rawValue: $0) } ?? .standard(for: output.terminal)
            try CampaignListing(status: status, now: wallTime()).writeCells(found, to: output, format)
        }
        if found.isEmpty { printNote("note: none of \(HumanText.plural(status.cells.count, "cell")) is to be run") }
    }

    private func cells(_ status: CampaignStatus) throws -> [CampaignStatus.CellStatus] {
        guard let states else { return status.open }
        let known = CampaignStatus.State.allCases.map(\.rawValue)
        for name in states.names where !known.contains(name) {
            throw VarveError(
                .invalid, "there is no state '\(name)'", remedy: "there are \(known.joined(separator: ", "))")
        }
        return status.cells.filter { states.names.contains($0.state.rawValue) }
    }
}
