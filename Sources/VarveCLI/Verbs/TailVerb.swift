import ArgumentParser
import Varve

struct TailVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print points as they are logged, by any process.",
        discussion:
            "Until it is interrupted, or nobody reads it any more. Without RUN it follows all runs, new ones too.")

    @Option(help: ArgumentHelp("Only this metric.", valueName: "metric"))
    var metric: String?

    @Argument(help: ArgumentHelp("An ID, the beginning of one, or a name.", valueName: "run"))
    var wanted: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        common.warn(snapshot)
        let runs = try wanted.map { [try snapshot.run($0).id] }
        let output = OutputStream()
        let format = list.format ?? .standard(for: output.terminal)
        var writer = format == .table ? nil : try PointWriter(output, format: format, runs: snapshot.runs)
        var names = TailNames(snapshot.runs)
        try output.flush()
        for try await chunk in repository.tail(Query(metric: metric, runs: runs)) {
            if let writer {
                try writer.write(chunk)
            } else {
                if names[chunk.run] == nil { names = TailNames(try repository.snapshot().runs) }
                let run = HumanText.harmless(names[chunk.run] ?? chunk.run.description)
                let metric = HumanText.harmless(chunk.metric.description)
                for index in 0..<chunk.count {
                    let time =
                        chunk.times[index] == .min
                        ? "" : String(TimeText.text(chunk.times[index]).dropFirst(11).prefix(8))
                    try output.line(
                        "\(output.terminal.styled(time, .dim))  \(run)  \(metric)  \(chunk.steps[index])  "
                            + output.terminal.styled(HumanText.number(chunk.values[index]), .bold))
                }
            }
            try output.flush()
        }
        try writer?.end()
        writer = nil
    }
}

/// How runs are called in a tail: their names, and the short ID where a name doesn't tell them apart.
struct TailNames {
    private var names: [RunID: String] = [:]

    init(_ runs: [RunInfo]) {
        let owners = Dictionary(grouping: runs, by: \.name)
        let ids = ShortIDs(runs.map(\.id))
        for run in runs { names[run.id] = owners[run.name]?.count == 1 ? run.name : "\(run.name) \(ids[run.id])" }
    }

    subscript(id: RunID) -> String? { names[id] }
}
