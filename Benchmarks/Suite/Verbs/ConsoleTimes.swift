import Varve
import VarveFiles
import VarveFormat

/// `console`: what a line of a command's output costs when `varve exec` keeps it, and when `varve logs` searches it, whole processes.
/// The same bytes through a pipe, and grep over the same file, are the floors.
enum ConsoleTimes {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        guard let program = try ChildProgram.varve(context) else { return [] }
        let lines = context.size.count(1_000_000, atLeast: 1_000)
        let (text, repository) = (context.newPath("lines"), context.newPath("console"))
        defer { for path in [text, repository] { FileTree.remove(path) } }
        try write(lines, to: text)
        var (kept, piped, searched, grepped) = (Samples(), Samples(), Samples(), Samples())
        var (peaksOfExec, peaksOfLogs) = ([Int](), [Int]())
        let found = context.newPath("found")
        defer { FileTree.remove(found) }
        for round in 0..<context.repeats {
            context.progress("console: round \(round + 1)")
            let name = "run \(round)"
            let exec = try child(
                program,
                ["exec", "--repo", repository, "--run", name, "--most-output", "4096", "--", "cat", text])
            kept.append(exec.cpu / Double(lines))
            if let peak = exec.peak { peaksOfExec.append(peak) }
            piped.append(try child("/bin/sh", ["-c", "cat \"$0\" | cat", text]).cpu / Double(lines))
            let logs = try child(
                program, ["logs", "--repo", repository, name, "--search", "loss=0[.]99[0-9]7", "--raw"], found)
            searched.append(logs.cpu / Double(lines))
            if let peak = logs.peak { peaksOfLogs.append(peak) }
            grepped.append(try child("/usr/bin/env", ["grep", "-E", "loss=0[.]99[0-9]7", text]).cpu / Double(lines))
        }
        let hash = XXHash64.hash(try RealFileSystem().readAll(found, cap: 1 << 30))
        func measurement(_ what: String, _ value: Double, _ unit: String, _ floor: Double?) -> Measurement {
            Measurement("console", "\(what), \(lines) lines", value, unit, runs: kept.count, floor: floor, hash: hash)
        }
        let times = [
            measurement("kept by exec", kept.median, "ns of CPU a line", piped.median),
            measurement("searched by logs", searched.median, "ns of CPU a line", grepped.median),
        ]
        let peaks = [("kept by exec, memory", peaksOfExec), ("searched by logs, memory", peaksOfLogs)]
        return times
            + peaks.compactMap { what, peaks in peaks.max().map { measurement(what, Double($0) / 1e6, "MB", nil) } }
    }

    private static func child(
        _ program: String, _ arguments: [String], _ output: String = "/dev/null"
    ) throws -> ChildProgram {
        let child = try ChildProgram(program, arguments, output: output)
        try child.wait()
        return child
    }

    /// What trainings print.
    private static func write(_ lines: Int, to path: String) throws {
        let file = try RealFileSystem().open(path, .createNew)
        defer { file.close() }
        var bytes: [UInt8] = []
        var offset = 0
        var random = SplitMix64(seed: 11)
        for line in 0..<lines {
            bytes +=
                "epoch \(line / 1_000) step \(line) loss=\(Double(random.next() % 10_000) / 10_000) lr=0.001\n".utf8
            if bytes.count >= 1 << 20 || line == lines - 1 {
                try file.write(bytes, at: offset)
                offset += bytes.count
                bytes = []
            }
        }
    }
}
