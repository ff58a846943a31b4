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
        let elapsed = try Stopwatch.measure {
            switch self {
            case .compact: _ = try repository.compact()
            case .open: snapshot = try Repository.open(path).snapshot()
            case .runs:
                snapshot = try Repository.open(path).snapshot()
                keep(UInt64(snapshot?.runs.count ?? 0))
            }
        }
        let peak = ProcessMemory.peak
        let report = Report(
            wall: elapsed.wall, cpu: elapsed.cpu, peakBytes: Double(peak), grownBytes: Double(max(0, peak - before)))
        withExtendedLifetime(snapshot) {}
        return report
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
