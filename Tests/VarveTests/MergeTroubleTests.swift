import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Merges that can't be made as they were meant: one input is damaged, or all together are more than a segment may be. Nothing is lost,
/// and the rest is merged.
@Suite struct MergeTroubleTests {
    /// A segment that turns out to be damaged leaves the index, is named, and is made anew from the logs.
    @Test func aDamagedSegmentIsDropped() throws {
        let world = try LifecycleWorld(seed: 61, compacted: true)
        let first = try #require(try world.repository().indexSegments().first)
        let run = try world.repository().startRun(name: "second", options: LifecycleWorld.options)
        try LifecycleWorld.log(run, 0..<40)
        try run.finish()
        _ = try world.repository().compact()
        try #require(try world.repository().indexSegments().count == 2)
        let before = try world.reading()
        // A byte of the first page of points: what opens a segment doesn't look there.
        var bytes = try #require(world.fileSystem.content(first.path))
        bytes[first.pages[first.metrics.axisPages].offset + 3] ^= 1
        var damaged = world
        damaged.fileSystem = world.fileSystem.snapshot()
        try #require(damaged.fileSystem.replace(first.path, with: bytes))
        let repository = try damaged.repository()
        var options = CompactionOptions()
        options.mergeWidth = 2
        let report = try repository.compact(options)
        #expect(report.merged == 0 && report.segments == 1)
        #expect(report.problems.map(\.file) == [first.path])
        #expect(try damaged.reading() == before)
        let again = try repository.compact(options)
        #expect(again.built == 1 && again.merged == 2 && again.problems.isEmpty)
        #expect(try damaged.reading() == before)
        #expect(try repository.verify(deep: true).problems == [])
    }

    /// Segments whose properties together are more than one may have are merged by halves, and left alone where two are too many.
    @Test func whatIsTooLargeIsHalved() throws {
        let fileSystem = SimulatedFileSystem(seed: 62)
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 62)), hasThreads: false)
        let repository = try Repository.create(at: "/r", name: "", environment)
        func segment(megabytes: Int, _ number: Int) throws {
            let run = try repository.startRun(options: LifecycleWorld.options)
            for i in 0..<megabytes {
                try run.set("long.\(i)", .string(String(repeating: "x", count: 1_000_000) + "\(number) \(i)"))
            }
            try run.finish()
            _ = try repository.compact()
        }
        for number in 0..<4 { try segment(megabytes: 20, number) }
        try #require(try repository.indexSegments().count == 4)
        var options = CompactionOptions()
        options.mergeWidth = 4
        #expect(try repository.compact(options).merged == 2)
        #expect(try repository.indexSegments().count == 3)
        options.mergeWidth = 2
        // 40 and 20 fit, twice 40 don't.
        _ = try repository.compact(options)
        let left = try repository.indexSegments().count
        #expect(left == 2)
        #expect(try repository.compact(options).merged == 0)
        #expect(try repository.verify().problems == [])
        for info in try repository.snapshot().runs {
            #expect(info.properties.group("long.").count == 20)
        }
    }
}

extension Repository {
    /// The segments that count now.
    fileprivate func indexSegments() throws -> [SegmentReader] {
        try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: id, codec: ColumnCodec()
        ).segments
    }
}
