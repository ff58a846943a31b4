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
        subcommands: [MeasureCommand.self, ColumnsCommand.self, ProbeCommand.self],
        defaultSubcommand: MeasureCommand.self)
}

/// Measures, prints a table, and writes JSON if it is asked to.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure and print a table (the default).",
        discussion: """
            Figures are medians; each floor was measured in the same run. Hashes depend on the points alone: the same scale \
            gives the same hashes on every machine. A result that isn't what was logged ends the program with an error.
            """)

    @Option(name: .long, help: "Only benchmarks whose names contain this; may be given several times.")
    var filter: [String] = []

    @Option(name: .long, help: "The share of the full workloads; 1 is the full size, and takes a while.")
    var scale = 0.1

    @Option(name: .long, help: "How often each measurement is repeated.")
    var `repeat` = 5

    @Option(name: .long, help: "Write one JSON object a measurement to this file, as an array.")
    var json: String?

    @Option(name: .long, help: "Where to put files meanwhile. Its file system decides whether journals are mapped.")
    var directory: String?

    @Flag(name: .long, help: "List the benchmarks.")
    var list = false

    func validate() throws {
        guard scale > 0, scale <= 100 else { throw ValidationError("--scale must be above 0, and at most 100.") }
        guard (1...1_000).contains(`repeat`) else { throw ValidationError("--repeat must be 1 to 1000.") }
    }

    func run() throws {
        let wanted = Benchmark.all.filter { benchmark in
            filter.isEmpty || filter.contains { benchmark.name.contains($0) }
        }
        guard !wanted.isEmpty else {
            throw ValidationError("No benchmark is called so: \(Benchmark.all.map(\.name).joined(separator: ", ")).")
        }
        if list {
            let width = wanted.map(\.name.count).max() ?? 0
            for benchmark in wanted {
                let padding = String(repeating: " ", count: width - benchmark.name.count)
                print("\(benchmark.name)\(padding)  \(benchmark.summary)")
            }
            return
        }
        let parent = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let context = try BenchContext(
            size: .scale(scale), repeats: `repeat`, parent: parent, executable: "/proc/self/exe")
        let cleaner = Cleaner(context.directory)
        defer {
            context.clean()
            cleaner.finish()
        }
        let volume = try RealFileSystem().volume(context.directory)
        Self.tell(
            "scale \(scale), \(`repeat`) repeats, \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors, \(volume.kind)")
        context.progress = { Self.tell("  \($0)") }
        var table = ReportTable()
        var results: [JSONValue] = []
        var failures: [String] = []
        for benchmark in wanted {
            Self.tell("\(benchmark.name): \(benchmark.summary)")
            do {
                for measurement in try benchmark.run(context) {
                    table.append(measurement)
                    results.append(measurement.json)
                }
            } catch {
                // The others' figures are worth having all the same.
                failures.append("\(benchmark.name): \(error)")
            }
        }
        for line in table.lines { print(line) }
        if let json { try write(results, to: json) }
        guard failures.isEmpty else {
            for failure in failures { Self.tell("FAILED: \(failure)") }
            throw ExitCode(1)
        }
    }

    private func write(_ results: [JSONValue], to path: String) throws {
        let lines = results.map { "  \($0)" }.joined(separator: ",\n")
        try RealFileSystem().unlink(path)
        let file = try RealFileSystem().open(path, .createNew)
        defer { file.close() }
        try file.write(Array("[\n\(lines)\n]\n".utf8), at: 0)
    }

    /// What is under way goes to standard error, so that the table alone is in a pipe.
    private static func tell(_ text: String) {
        let bytes = Array("\(text)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
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
