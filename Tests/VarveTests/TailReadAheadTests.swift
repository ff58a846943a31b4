import Synchronization
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Many series of logs that no index covers: each frame is read about as often as for a single series.
@Suite struct TailReadAheadTests {
    private static let series = 40
    private static let frames = 20
    private static let pointsAFrame = 25

    /// Counts the bytes that are read of files.
    private final class CountingFileSystem: ForwardingFileSystem {
        let inner = RealFileSystem()
        let bytes = Atomic<Int>(0)

        func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
            CountingFile(try inner.open(path, mode), self)
        }
    }

    private final class CountingFile: ForwardingFile {
        let inner: any OpenFile
        private let owner: CountingFileSystem

        init(_ inner: any OpenFile, _ owner: CountingFileSystem) {
            self.inner = inner
            self.owner = owner
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
            owner.bytes.add(buffer.count, ordering: .relaxed)
            return try inner.read(into: buffer, at: offset)
        }
    }

    private static func value(_ run: Int, _ series: Int, _ step: Int) -> Double {
        Double(run * 1_000_000 + series * 1_000 + step) + 0.5
    }

    /// Two runs, whose first has a counted series, too.
    private func write(_ repository: Repository) throws {
        for number in 0..<2 {
            var options = RunOptions()
            options.compaction = .never
            options.sync = .none
            let run = try repository.startRun(name: "run \(number)", options: options)
            let series = try (0..<Self.series).map { try run.series("m", context: ["part": "\($0)"]) }
            for frame in 0..<Self.frames {
                for step in frame * Self.pointsAFrame..<(frame + 1) * Self.pointsAFrame {
                    for (i, one) in series.enumerated() { one.log(Self.value(number, i, step), step: step) }
                    if number == 0 { series[0].log(Double(step)) }
                }
                try run.flush()
            }
            try run.finish()
        }
    }

    @Test func readsFramesOnce() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            try write(try Repository.create(at: path))
            let fileSystem = CountingFileSystem()
            let repository = try Repository.open(
                path, Environment(fileSystem: fileSystem, host: RealHost(), hasThreads: false))
            let snapshot = try repository.snapshot()
            func read(_ query: Query) throws -> (bytes: Int, chunks: [SeriesChunk]) {
                let before = fileSystem.bytes.load(ordering: .relaxed)
                let chunks = try snapshot.series(query).readAll()
                return (fileSystem.bytes.load(ordering: .relaxed) - before, chunks)
            }
            var one = Query(metric: "m")
            one.context = ["part": "7"]
            let single = try read(one)
            let all = try read(Query())
            #expect(all.bytes <= 2 * single.bytes, "\(Self.series) series took \(all.bytes), one \(single.bytes)")

            var found: [MetricKey: [RunID: [Double]]] = [:]
            for chunk in all.chunks {
                for i in 0..<chunk.count {
                    found[chunk.metric, default: [:]][chunk.run, default: []].append(chunk.values[i])
                }
            }
            let runs = snapshot.runs.sorted { $0.name < $1.name }
            let steps = Self.frames * Self.pointsAFrame
            for (number, run) in runs.enumerated() {
                for series in 0..<Self.series {
                    var expected = (0..<steps).map { Self.value(number, series, $0) }
                    if number == 0, series == 0 { expected += (0..<steps).map { Double($0) } }
                    #expect(found[MetricKey("m", context: ["part": "\(series)"])]?[run.id] == expected)
                }
            }
        }
    }
}
