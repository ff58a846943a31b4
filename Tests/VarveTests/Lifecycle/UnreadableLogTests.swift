import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A dead writer's log whose beginning is gone can't be sealed; that hinders nobody from sealing, indexing and removing the others.
@Suite struct UnreadableLogTests {
    @Test func hindersNobody() throws {
        let world = try LifecycleWorld(seed: 31)
        let others = world.runs.filter { $0 != world.runs[4] }
        let before = try world.reading(of: others)
        let path = "/repo/logs/\(world.runs[4]).1.vlog"
        let size = try #require(world.fileSystem.content(path)).count
        let file = try world.fileSystem.open(path, .update)
        try file.write([UInt8](repeating: 1, count: size), at: 0)
        file.close()
        let repository = try world.repository()
        #expect(try repository.compact().points > 0)
        #expect(try repository.snapshot().problems.map(\.file).contains(path))
        #expect(try world.fileSystem.status("/repo/logs/\(world.runs[4]).1.journal") != nil, "what is left of it stays")
        _ = try repository.remove([world.runs[4]])
        #expect(try world.reading(of: others) == before)
    }
}
