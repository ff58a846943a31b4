import Varve
import VarveFiles
import VarveFormat

/// `artifact`: a large file on its way in and out, hash, sync and all. `cp`, `sync` and `sha256sum` of the same file are the floor of
/// the way in and out, `sha256sum` alone that of proving it; by the clock, as all of them wait for the disk.
enum ArtifactSpeed {
    private static let block = 1 << 16

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let bytes = context.size.count((1 << 30) / block, atLeast: 1) * block
        let source = context.newPath("source")
        defer { FileTree.remove(source) }
        try write(bytes, to: source)
        var rates: [String: Samples] = [:]
        var floors: [String: Samples] = [:]
        var hash: UInt64 = 0
        func measure(_ what: String, floor: String, _ body: () throws -> Void) throws {
            let elapsed = try Stopwatch.measure(body)
            rates[what, default: Samples()].append(Double(bytes) / elapsed.wall)
            let copy = context.newPath("floor")
            defer { FileTree.remove(copy) }
            let alone = try Stopwatch.measure {
                try ChildProgram("/bin/sh", ["-c", floor, source, copy], output: "/dev/null").wait()
            }
            floors[what, default: Samples()].append(Double(bytes) / alone.wall)
        }
        let copying = "cp \"$0\" \"$1\" && sync \"$1\" && sha256sum \"$1\""
        for _ in 0..<context.repeats {
            let repository = try context.newRepository("artifact")
            defer { FileTree.remove(repository.path) }
            let run = try repository.startRun()
            try measure("added", floor: copying) { try run.addArtifact(source, name: "large") }
            try run.finish()
            guard let artifact = try repository.snapshot().artifacts(of: run.id).first, artifact.size == bytes else {
                throw WrongResult(description: "artifact: not what was added")
            }
            hash = UInt64(artifact.sha256.prefix(16), radix: 16) ?? 0
            try measure("proved", floor: "sha256sum \"$0\"") { try repository.verifyArtifact(artifact) }
            let copy = context.newPath("copy")
            defer { FileTree.remove(copy) }
            try measure("copied out", floor: copying) { try repository.copyArtifact(artifact, to: copy) }
        }
        let size = "\(bytes >> 10) KiB"
        var results = rates.sorted { $0.key < $1.key }.map { what, samples in
            Measurement(
                "artifact", "\(what), \(size)", samples.median, "GB/s", runs: samples.count,
                floor: floors[what]?.median,
                hash: hash)
        }
        if let peak = try memory(context, source) {
            results.append(Measurement("artifact", "added by the program, \(size), memory", peak, "MB", hash: hash))
        }
        return results
    }

    /// The most memory that the program takes to add a file, in MB; nil: it isn't known.
    private static func memory(_ context: BenchContext, _ source: String) throws -> Double? {
        guard let program = try ChildProgram.varve(context) else { return nil }
        let repository = try context.newRepository("artifact")
        defer { FileTree.remove(repository.path) }
        let run = try repository.startRun()
        try run.finish()
        let child = try ChildProgram(
            program, ["artifact", "add", run.id.description, source, "--repo", repository.path], output: "/dev/null")
        try child.wait()
        return child.peak.map { Double($0) / 1e6 }
    }

    /// Bytes that nothing makes shorter.
    private static func write(_ count: Int, to path: String) throws {
        let file = try RealFileSystem().open(path, .createNew)
        defer { file.close() }
        var random = SplitMix64(seed: 3)
        let words = (0..<(block / 8)).map { _ in random.next() }
        for offset in stride(from: 0, to: count, by: block) {
            try words.withUnsafeBytes { try file.write($0, at: offset) }
        }
    }
}
