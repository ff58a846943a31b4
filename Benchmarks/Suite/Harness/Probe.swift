import Varve
import VarveFiles

/// Something that is measured in a process of its own, so that its memory and its cold start are its own.
package enum Probe: String, CaseIterable, Sendable {
    /// Builds the index of a repository.
    case compact
    /// Opens a repository and takes a snapshot.
    case open
    /// The same, and looks at every run's properties.
    case runs
    /// Reads one series after the other, each of another run; the median one.
    case series
    /// Reads one metric of all runs.
    case metric

    /// What the other process says of itself.
    package struct Report: Sendable {
        /// Nanoseconds.
        package var wall = 0.0
        package var cpu = 0.0
        /// The most memory that was resident at once, bytes.
        package var peakBytes = 0.0
        /// How far the most that was resident at once lies above what was resident before, bytes.
        package var grownBytes = 0.0
    }

    /// Does it, here and now.
    package func measure(_ path: String) throws -> Report {
        let repository = try Repository.open(path)
        let before = ProcessMemory.resident
        var snapshot: Snapshot?
        let elapsed: Elapsed
        switch self {
        case .compact: elapsed = try Stopwatch.measure { _ = try repository.compact() }
        case .open: elapsed = try Stopwatch.measure { snapshot = try Repository.open(path).snapshot() }
        case .runs:
            elapsed = try Stopwatch.measure {
                snapshot = try Repository.open(path).snapshot()
                keep(UInt64(snapshot?.runs.count ?? 0))
            }
        case .series:
            let opened = try repository.snapshot()
            elapsed = try Self.medianOfSeries(opened)
            snapshot = opened
        case .metric:
            let opened = try repository.snapshot()
            elapsed = try Stopwatch.measure { try Self.read(opened, Self.everywhere) }
            snapshot = opened
        }
        let peak = ProcessMemory.peak
        let report = Report(
            wall: elapsed.wall, cpu: elapsed.cpu, peakBytes: Double(peak), grownBytes: Double(max(0, peak - before)))
        withExtendedLifetime(snapshot) {}
        return report
    }

    /// The metric that every workload has.
    private static let everywhere = Query(metric: "loss", context: ["subset": "train"])

    private static func read(_ snapshot: Snapshot, _ query: Query) throws {
        var words = WordSum()
        let reader = try snapshot.series(query)
        try reader.forEach { words.add($0) }
        keep(words.sum)
    }

    private static func medianOfSeries(_ snapshot: Snapshot) throws -> Elapsed {
        let ids = snapshot.runIDs
        var random = SplitMix64(seed: 19)
        var wall = Samples()
        var cpu = Samples()
        for _ in 0..<21 where !ids.isEmpty {
            var query = Self.everywhere
            query.runs = [random.choose(ids)]
            let elapsed = try Stopwatch.measure { try read(snapshot, query) }
            wall.append(elapsed.wall)
            cpu.append(elapsed.cpu)
        }
        return Elapsed(wall: wall.median, cpu: cpu.median)
    }

    /// Does it in a process of its own, or here if there is no program to start.
    static func run(_ probe: Probe, _ path: String, _ context: BenchContext) throws -> Report {
        guard let executable = context.executable else { return try probe.measure(path) }
        let output = context.newPath("probe")
        try ChildProgram(executable, ["probe", probe.rawValue, path, "--output", output]).wait()
        let text = String(decoding: try RealFileSystem().readAll(output, cap: 4_096), as: UTF8.self)
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 4 else {
            throw WrongResult(description: "the process that was to \(probe.rawValue) said: \(text)")
        }
        return Report(wall: numbers[0], cpu: numbers[1], peakBytes: numbers[2], grownBytes: numbers[3])
    }
}

extension Probe.Report {
    /// What the parent process parses.
    package var line: String { "\(wall) \(cpu) \(peakBytes) \(grownBytes)" }
}
