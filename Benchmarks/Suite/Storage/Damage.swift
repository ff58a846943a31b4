import Varve
import VarveFiles
import VarveFormat

/// `damage`: what one damaged byte costs, wherever it is: in points frames of a log, in its other frames, in the index.
///
/// A count, so there is nothing to repeat: every trial changes one byte, reads everything, and changes it back.
enum Damage {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("D")
        try corpus.removeIndex()
        var random = SplitMix64(seed: 17)
        let trials = context.size.count(100, atLeast: 4)
        let logs = corpus.repository.paths.logs
        let names = try RealFileSystem().list(logs).filter { $0.hasSuffix(".vlog") }.sorted()
        var frames = 0
        var other = 0
        for _ in 0..<trials {
            let path = Paths.join(logs, random.choose(names))
            let found = try Self.frames(path)
            let place = random.choose(found.points)
            let offset = random.number(place.range.lowerBound, place.range.upperBound)
            frames = max(frames, (try lost(offset, path, corpus) + place.points - 1) / place.points)
            var elsewhere = random.below(found.size)
            while found.points.contains(where: { $0.range.contains(elsewhere) }) {
                elsewhere = random.below(found.size)
            }
            other = max(other, try lost(elsewhere, path, corpus))
        }
        try corpus.compact()
        let index = corpus.repository.paths.index
        let segments = try RealFileSystem().list(index).sorted()
        var indexed = 0
        for _ in 0..<trials {
            let path = Paths.join(index, random.choose(segments))
            let size = try RealFileSystem().status(path)?.size ?? 1
            indexed = max(indexed, try lost(random.below(size), path, corpus))
        }
        let hash = try corpus.check("damage")
        func measurement(_ what: String, _ value: Int, _ unit: String) -> Measurement {
            Measurement("damage", what, Double(value), unit, runs: trials, hash: hash)
        }
        return [
            measurement("a byte of a log's points", frames, "frames or pages"),
            measurement("another byte of a log, of a definition say", other, "points"),
            measurement("a byte of the index, logs there", indexed, "points"),
        ]
    }

    /// A file's points frames: where each is, and how many points it has; and the file's size.
    private static func frames(_ path: String) throws -> (points: [(range: Range<Int>, points: Int)], size: Int) {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        guard let name = LogName(Paths.lastComponent(path)) else {
            throw WrongResult(description: "\(path) isn't a log file")
        }
        var points: [(range: Range<Int>, points: Int)] = []
        for section in try LogScanner.scan(file, name: name, zstd: Zstd()) {
            for frame in section.frames where frame.kind == .points {
                let start = section.baseOffset + frame.offset
                let end = start + FormatConstants.frameHeaderBytes + frame.header.storedBytes
                points.append((start..<end, frame.header.count))
            }
        }
        return (points, try file.size())
    }

    /// How many points can't be read while a byte is another one.
    private static func lost(_ offset: Int, _ path: String, _ corpus: Corpus) throws -> Int {
        let file = try RealFileSystem().open(path, .update)
        defer { file.close() }
        let byte = try file.read(upTo: 1, at: offset)
        try file.write(byte.map { $0 ^ 0x20 }, at: offset)
        defer { try? file.write(byte, at: offset) }
        return corpus.workload.points - (try Corpus.read(corpus.repository).points)
    }
}
