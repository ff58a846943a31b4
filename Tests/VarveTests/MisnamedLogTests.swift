import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Log files under each other's names, as a careless restoration of a backup leaves them: nothing is taken for another run's,
/// whether the index has it or not; what doesn't count is named with what the file should have held; and under the right names
/// everything is there again.
@Suite struct MisnamedLogTests {
    private static func world() throws -> DamageWorld {
        try DamageWorld { builder in
            for name in ["a", "b", "c"] {
                let run = try builder.repository.startRun(name: name, options: builder.options)
                builder.log(try run.series("loss"), steps: 0..<30)
                try run.text("line of \(name)", step: 1, time: 1)
                try run.finish()
            }
        }
    }

    private static func logs(_ world: DamageWorld) throws -> [String] {
        try world.fileSystem.list(world.repository.paths.logs).filter { $0.hasSuffix(".vlog") }.sorted()
            .map { Paths.join(world.repository.paths.logs, $0) }
    }

    private static func swap(_ a: String, _ b: String, in fileSystem: SimulatedFileSystem) throws {
        try fileSystem.rename(a, "\(a)~")
        try fileSystem.rename(b, a)
        try fileSystem.rename("\(a)~", b)
    }

    @Test func twoRunsChangePlaces() throws {
        let world = try Self.world()
        let logs = try Self.logs(world)
        let runs = try logs.map { try #require(LogName(Paths.lastComponent($0))?.run) }
        try Self.swap(logs[0], logs[1], in: world.fileSystem)
        func demandNamed(_ problems: [VarveError]) {
            for (own, other) in [(0, 1), (1, 0)] {
                #expect(
                    problems.contains {
                        $0.file == logs[own] && $0.offset == 0 && $0.expected?.contains("run \(runs[own])") == true
                            && $0.found == "file 1 of run \(runs[other])"
                    }, "\(problems)")
            }
        }
        let reading = try RepositoryReading(world.repository)
        #expect(reading.all.keys.map(\.run.id) == [runs[2]])
        #expect(reading.all == world.truth.all.filter { $0.key.run.id == runs[2] })
        demandNamed(reading.problems)
        demandNamed(try world.repository.verify().problems)

        // The index takes what readers take.
        let report = try world.repository.compact()
        #expect(report.points == 30)
        demandNamed(report.problems)
        #expect(try RepositoryReading(world.repository).all == reading.all)

        try Self.swap(logs[0], logs[1], in: world.fileSystem)
        let after = try RepositoryReading(world.repository)
        #expect(after.isWhole(world.truth) && after.problems == [])
        #expect(try world.repository.compact().points == 60)
        #expect(try world.repository.verify(deep: true).problems == [])
        #expect(try RepositoryReading(world.repository).isWhole(world.truth))
    }

    /// What is in the index is read from it; text, which isn't, is missed and told. What the files hold is verified all the same.
    @Test func twoIndexedRunsChangePlaces() throws {
        let world = try Self.world()
        _ = try world.repository.compact()
        let logs = try Self.logs(world)
        try Self.swap(logs[0], logs[1], in: world.fileSystem)
        func demandRead() throws {
            let reading = try RepositoryReading(world.repository)
            #expect(reading.points == world.truth.points && reading.properties == world.truth.properties)
            #expect(reading.text.values.map(\.count).sorted() == [0, 0, 1])
            #expect(Set(reading.problems.map(\.file)) == Set(logs[0...1]))
            // Why a run ended stands in its log, too.
            let snapshot = try world.repository.snapshot()
            for run in snapshot.runs { #expect(try snapshot.endMessage(of: run.id) == nil) }
        }
        try demandRead()
        let problems = try world.repository.verify(deep: true).problems
        #expect(Set(problems.compactMap(\.file)).isSuperset(of: logs[0...1]))
        // Nothing is made anew from logs that lack what the index has.
        #expect(try world.repository.repair(deep: true).written == [])
        _ = try world.repository.compact()
        try demandRead()
    }

    /// A copy of a run's file under another run's name comes neither twice nor as the other's.
    @Test func aCopyUnderAnotherName() throws {
        let world = try Self.world()
        let logs = try Self.logs(world)
        let bytes = try #require(world.fileSystem.content(logs[0]))
        try #require(world.fileSystem.replace(logs[1], with: bytes))
        let expected = world.truth.all.filter { "\($0.key.run)" != Paths.lastComponent(logs[1]).prefix(36) }
        for _ in 0..<2 {
            let reading = try RepositoryReading(world.repository)
            #expect(reading.all == expected)
            #expect(reading.problems.map(\.file) == [logs[1]])
            _ = try world.repository.compact()
        }
    }
}
