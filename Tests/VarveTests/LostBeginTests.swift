import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A log of which the first 4 KiB are gone is put together again from what the index says of it, where that is proved; else it is left.
@Suite struct LostBeginTests {
    /// - Parameter killed: its writer died, and its file was sealed; else it ended well.
    private static func world(killed: Bool, compacted: Bool = true) throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            let loss = try run.series("loss")
            var random = SplitMix64(seed: 3)
            for part in 0..<6 {
                for step in 0..<150 {
                    let value = Double(random.next() >> 11)
                    loss.log(value, step: part * 150 + step, time: Int64(step * step))
                }
                try run.drain()
                try run.text("part \(part)", step: part * 150, time: 1)
                // Only a part is in the index, and what was written then is more than is damaged below.
                if part == 3, compacted { _ = try builder.repository.compact() }
            }
            guard killed else { return try run.finish() }
            loss.log(1, step: 900, time: 7)
            builder.host.die()
            let next = Environment(
                fileSystem: builder.fileSystem, host: SimulatedHost(builder.machine), hasThreads: false)
            _ = try Sealer(next, builder.repository.paths).sealDead()
        }
    }

    private func damage(_ world: DamageWorld, _ bytes: (inout [UInt8]) -> Void) throws -> (String, [UInt8]) {
        let path = try world.path(".1.vlog")
        var content = try #require(world.fileSystem.content(path))
        try require(content.count > 6144, "\(content.count) bytes are too few")
        bytes(&content)
        try #require(world.fileSystem.replace(path, with: content))
        return (path, content)
    }

    private func put(_ file: String, inPlaceOf path: String, _ world: DamageWorld) throws {
        try world.fileSystem.rename(path, "\(path).damaged")
        try world.fileSystem.rename(file, path)
    }

    /// With a seal, which repeats the definitions, everything that stands behind is read; what stood before is in the index.
    @Test(arguments: [0x00, 0xA5] as [UInt8]) func isMadeAnewFromIndexAndSeal(_ filling: UInt8) throws {
        let world = try Self.world(killed: true)
        let (path, bytes) = try damage(world) { for i in 0..<4096 { $0[i] = filling } }
        #expect(try !RepositoryReading(world.repository).isWhole(world.truth))
        let report = try world.repository.repair()
        let written = try #require(report.written.first)
        #expect(report.written.count == 1 && report.remaining == [] && written.source == path)
        #expect(world.fileSystem.content(path) == bytes)
        let made = try #require(world.fileSystem.content(written.file))
        #expect(made.count == bytes.count)
        try put(written.file, inPlaceOf: path, world)
        let reading = try RepositoryReading(world.repository)
        #expect(reading.missing(of: world.truth).values.joined().isEmpty)
        try reading.requirePart(of: world.truth, settings: world.settings)
        #expect(try world.repository.verify().problems == [])
        #expect(try world.repository.repair() == RepairReport())
    }

    /// Without one, the index has the points that it covers, and text comes back; which series the later points are of nobody knows.
    @Test func givesBackTextWithoutASeal() throws {
        let world = try Self.world(killed: false)
        let (path, _) = try damage(world) { for i in 0..<4096 { $0[i] = 0xA5 } }
        let written = try #require(try world.repository.repair().written.first)
        try put(written.file, inPlaceOf: path, world)
        let reading = try RepositoryReading(world.repository)
        try reading.requirePart(of: world.truth, settings: world.settings)
        let text = reading.text.values.joined().map { "\($0)" }
        #expect(text.contains { $0.contains("part 5") })
        let missing = reading.missing(of: world.truth).values.joined()
        #expect(missing.allSatisfy { $0.step >= 600 })
        #expect(missing.isEmpty || !reading.problems.isEmpty)
    }

    /// Nothing is made up: not without an index, and not where the frames that are left stand elsewhere than the index says.
    @Test(arguments: [false, true]) func isLeftWhereNothingProvesIt(_ isCompacted: Bool) throws {
        let world = try Self.world(killed: true, compacted: isCompacted)
        let (path, _) = try damage(world) {
            if isCompacted { $0.removeFirst(4096) } else { for i in 0..<4096 { $0[i] = 0xA5 } }
        }
        let before = world.fileSystem.paths()
        let report = try world.repository.repair()
        #expect(report.written == [] && report.remaining.contains { $0.file == path })
        #expect(world.fileSystem.paths() == before)
    }
}
