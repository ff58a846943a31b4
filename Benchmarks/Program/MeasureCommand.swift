import ArgumentParser
import Glibc
import Varve
import VarveBenchmarks
import VarveFiles

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

    @Option(name: .long, help: "Write the targets with what was measured beside them to this file, as Markdown.")
    var table: String?

    @Option(
        name: .long, help: "Measure nothing: take what --json wrote, or what Benchmarks/peers/run did, from this file.")
    var from: [String] = []

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
            filter.isEmpty ? !benchmark.isSlow : filter.contains { benchmark.name.contains($0) }
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
        guard from.isEmpty else {
            try report(try from.flatMap(MeasurementFile.read))
            return
        }
        let (results, failures) = try measure(wanted)
        try report(results)
        guard failures.isEmpty else {
            for failure in failures { Self.tell("FAILED: \(failure)") }
            throw ExitCode(1)
        }
    }

    private func measure(_ wanted: [Benchmark]) throws -> (results: [Measurement], failures: [String]) {
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
        var results: [Measurement] = []
        var failures: [String] = []
        for (position, benchmark) in wanted.enumerated() {
            Self.tell("\(position + 1)/\(wanted.count) \(benchmark.name): \(benchmark.summary)")
            let start = Stopwatch.now()
            do {
                results += try benchmark.run(context)
            } catch {
                // The others' figures are worth having all the same.
                failures.append("\(benchmark.name): \(error)")
            }
            Self.tell("  \(Int((Stopwatch.now() - start) / 1e9)) s")
        }
        return (results, failures)
    }

    private func report(_ results: [Measurement]) throws {
        var lines = ReportTable()
        for result in results { lines.append(result) }
        for line in lines.lines { print(line) }
        if let json { try MeasurementFile.write(results, to: json) }
        guard let table else { return }
        // What needs other tools stands beside them.
        let peers = from.isEmpty ? try MeasurementFile.readIfThere(Self.peers) : []
        let targets = TargetTable(results + peers)
        try MeasurementFile.replace(table, with: targets.lines.joined(separator: "\n") + "\n")
        let (measured, met) = targets.counts
        Self.tell("\(met) of \(measured) measured targets are met; \(Target.all.count) are wanted: \(table)")
    }

    /// Where the comparison with other tools leaves its results, from the package's directory.
    private static let peers = "Benchmarks/peers/results.jsonl"

    /// What is under way goes to standard error, so that the table alone is in a pipe.
    private static func tell(_ text: String) {
        let bytes = Array("\(text)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
