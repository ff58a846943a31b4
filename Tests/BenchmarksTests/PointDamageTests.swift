import Testing
import Varve
import VarveFiles

@testable import VarveBenchmarks

/// Shows that what a death cost is counted: the figures of `kill` are 0 because nothing is lost, not because nobody looks.
struct PointDamageTests {
    @Test(arguments: [
        // Steps that are there, how many were told and attempted; lost, doubled, wrong.
        ([0, 1, 2, 3], 4, 4, [0, 0, 0]), ([0, 1], 4, 5, [2, 0, 0]), ([0, 3], 4, 4, [2, 0, 0]), ([], 3, 3, [3, 0, 0]),
        ([0, 1, 1, 2], 3, 3, [0, 1, 0]), ([0, 1, 2], 1, 2, [0, 0, 1]), ([0, 1, 4], 2, 5, [0, 0, 0]),
    ])
    func isCounted(_ steps: [Int], _ told: Int, _ attempted: Int, _ expected: [Int]) throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(seed: 1), hasThreads: false)
        let repository = try Repository.create(at: "/r", name: "", environment)
        let run = try repository.startRun(name: "run")
        for step in steps { try run.series("a").log(Double(step), step: step) }
        try run.finish()
        var damage = PointDamage()
        let read = try damage.compare(
            try repository.snapshot(), run.id, "a", told: told, attempted: attempted
        ) { Double($0) }
        #expect(read == steps.count)
        #expect([damage.lost, damage.doubled, damage.wrong] == expected)
        var other = PointDamage()
        try other.compare(try repository.snapshot(), run.id, "a", told: told, attempted: attempted) { Double($0 + 1) }
        #expect(other.wrong == expected[2] + steps.count)
    }
}
