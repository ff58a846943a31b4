import ArgumentParser
import Glibc
import Varve
import VarveBenchmarks
import VarveFiles

/// The program `bench`.
@main
struct BenchProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure Varve, beside what the machine does without it.",
        subcommands: [
            MeasureCommand.self, ScalingCommand.self, ColumnsCommand.self, ProbeCommand.self, CountCommand.self,
            KilledWriterCommand.self, PeerCommand.self,
        ],
        defaultSubcommand: MeasureCommand.self)
}

/// One measurement in a process of its own; `measure` starts it.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Measure one thing in this process.", shouldDisplay: false)

    @Argument var what: String
    @Argument var path: String
    @Option var output: String

    func run() throws {
        guard let probe = Probe(rawValue: what) else { throw ValidationError("No probe is called \(what).") }
        let report = try probe.measure(path)
        let file = try RealFileSystem().open(output, .createNew)
        defer { file.close() }
        try file.write(Array(report.line.utf8), at: 0)
    }
}
