import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A file and its seal in a pack, and a longer copy of the file outside: its writer lived, and wrote to it what the seal has, too.
///
/// The seal is met first, beside the shorter copy; what of it counts is known only once the longer one is.
@Suite struct EarlySealTests {
    @Test(arguments: [false, true]) func aGrownCopyOutsideDoublesNothing(isCompacted: Bool) throws {
        let machine = SimulatedMachine(seed: 41)
        let fileSystem = SimulatedFileSystem(seed: 41)
        let writer = SimulatedHost(machine)
        let live = try Repository.create(
            at: "/repo", name: "", Environment(fileSystem: fileSystem, host: writer, hasThreads: false))
        let run = try live.startRun(options: LifecycleWorld.options)
        let loss = try run.series("loss")
        for step in 0..<20 { loss.log(Double(step), step: step) }
        try run.drain()
        for step in 20..<40 { loss.log(Double(step), step: step) }
        let others = fileSystem.snapshot()
        others.setWriteBack(0)
        let path = live.paths.log(.log(run: run.id.id, n: 1))
        let short = try #require(fileSystem.content(path))
        // On its own host the writer goes on; the others take it for dead.
        try run.drain()
        let grown = try #require(fileSystem.content(path))
        #expect(grown.count > short.count && grown.starts(with: short))
        writer.die()
        let repository = try Repository.open(
            "/repo", Environment(fileSystem: others, host: SimulatedHost(machine), hasThreads: false))
        #expect(try Sealer(repository.environment, repository.paths).sealDead().count == 1)
        if isCompacted { #expect(try repository.compact().points == 40) }
        #expect(try repository.pack().files == 2)
        #expect(try repository.snapshot().steps() == Array(0..<40))

        let copy = try others.open(path, .createNew)
        try copy.write(grown, at: 0)
        copy.close()
        #expect(try repository.snapshot().steps() == Array(0..<40))
        for chunk in try repository.snapshot().series(Query(metric: "loss")).readAll() {
            for i in 0..<chunk.count { #expect(chunk.values[i] == Double(chunk.steps[i])) }
        }
        // Nor is anything doubled by what the index makes of the two.
        _ = try repository.compact()
        #expect(try repository.snapshot().steps() == Array(0..<40))
        // A shorter copy, as it was when it was packed, changes nothing either.
        try #require(others.replace(path, with: short))
        #expect(try repository.snapshot().steps() == Array(0..<40))
    }
}
