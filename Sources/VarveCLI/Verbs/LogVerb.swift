import ArgumentParser
import Glibc
import Varve

struct LogVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Log the points that come on standard input, so that any language can pipe into Varve.",
        discussion: """
            One JSON object a line, or CSV with a header:

              {"step": 1, "loss": 0.5, "val": {"loss": 0.7}}      logs loss and val.loss
              {"metric": "loss", "value": 0.5, "step": 1, "context": {"subset": "val"}}
              {"metric": "confusion", "step": 1, "confusion_matrix": {"labels": ["a", "b"], "counts": [[3, 1], [0, 4]]}}
              {"metric": "weights", "step": 1, "histogram": {"edges": [-1, 0, 1], "counts": [2, 5]}}

            A row that says no step gets the one after the row before, or after the run's last with --resume. Steps are recognised by the usual names (step, \
            global_step, iteration, epoch, …), times too (time, timestamp, wall_time, …). What was read is safe at once, \
            even if this process is killed. The run is finished at the end of the input, and failed on SIGINT and \
            SIGTERM. Its ID is printed on standard output.

            Example:
              python train.py | varve log --run baseline --param lr=0.1 --tag first
            """)

    @OptionGroup var description: RunDescription

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A context of all metrics that come in; may be repeated.", valueName: "key=value"))
    var context: [KeyValue] = []

    @OptionGroup var resumption: Resumption

    @Option(
        help: ArgumentHelp(
            "The input's format (default: JSONL if it begins with a brace, else CSV).", valueName: "format"))
    var input: InputFormat?

    @Option(name: .customLong("step"), help: ArgumentHelp("The key or column that holds the step.", valueName: "key"))
    var stepName: String?

    @Option(name: .customLong("time"), help: ArgumentHelp("The key or column that holds the time.", valueName: "key"))
    var timeName: String?

    @Option(
        help: ArgumentHelp(
            "The rank of this process among those of the run (default: VARVE_RANK, RANK, SLURM_PROCID, … where there are several).",
            valueName: "n"))
    var rank: Int?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let rank, rank < 0 { throw ValidationError("a rank is 0 or more") }
    }

    func run() throws {
        let repository = try resumption.repository(common)
        var options = RunOptions()
        options.rank = rank
        let (run, earlier) = try resumption.start(description, in: repository, options: options)

        /// Behind everything that the run has.
        let next = { () throws(VarveError) in
            guard let earlier else { return 0 }
            let last = try earlier.statistics(Query(runs: [run.id])).compactMap { $0.steps?.upperBound }.max() ?? -1
            return last == .max ? .max : last + 1
        }
        let signals = SignalPipe()
        var logger = RowLogger(
            run, names: RowLogger.Names(step: stepName, time: timeName), context: context.dictionary,
            firstStep: { () throws(VarveError) in if let from = resumption.from { from } else { try next() } },
            complain: { printError("warning: \($0)") })
        do {
            try logger.log(StandardInput(signals: signals), isCSV: input.map { $0 == .csv })
        } catch {
            try? run.fail("\(error)")
            throw error
        }
        let number = signals?.signalNumber
        if let number {
            try run.fail("interrupted by \(number == SIGINT ? "SIGINT" : "SIGTERM")")
        } else {
            try run.finish()
        }
        try tell(run, logger)
        if let number { throw Refusal(code: 128 + number) }
        if logger.refused > 0 {
            throw Refusal(
                "\(HumanText.plural(logger.refused, "line")) could not be read and \(logger.refused == 1 ? "is" : "are") not logged"
            )
        }
    }

    private func tell(_ run: Run, _ logger: RowLogger) throws {
        let output = OutputStream()
        try output.line(run.id.description)
        try output.flush()
        for (name, count) in logger.skipped.sorted(by: { $0.key < $1.key }) {
            printNote(
                "note: \(HumanText.plural(count, "value")) of '\(name)' \(count == 1 ? "is no number and is" : "are no numbers and are") not kept"
            )
        }
        for (name, count) in logger.missing.sorted(by: { $0.key < $1.key }) {
            printNote("note: \(HumanText.plural(count, "row")) had no '\(name)'")
        }
        if logger.points == 0, logger.records == 0, logger.refused == 0 { printNote("note: the input held no points") }
        let dropped = run.health.dropped
        if dropped > 0 {
            printError(
                "warning: \(HumanText.plural(dropped, "point")) dropped: \(run.health.problem.map { "\($0)" } ?? "no room")"
            )
        }
        if Terminal(descriptor: 2).isInteractive { printNote("logged \(HumanText.plural(logger.points, "point"))") }
    }
}

/// What `varve log` reads.
enum InputFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case jsonl, csv }
