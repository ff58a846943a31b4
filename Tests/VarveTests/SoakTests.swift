import Testing
import Varve
import VarveFiles
import VarveSoak
import VarveTestSupport

/// Worlds of several writers, compactors and readers in which calls fail, disks fill, processes are killed and the power goes,
/// against a plain list of what was logged. Few here, in a build without optimisation; `./test` has `soak` live through 5,000
/// more, and `./test soak` through as many as you like.
@Suite struct SoakTests {
    /// `VARVE_SOAK_WORLDS` asks for another number.
    private static var worlds: UInt64 {
        RealHost().environment("VARVE_SOAK_WORLDS").flatMap { UInt64($0) } ?? 200
    }

    @Test(arguments: 0..<2 as Range<UInt64>) func worlds(_ part: UInt64) {
        for number in 0..<Self.worlds / 2 {
            if let finding = Soak.world(part << 32 | number) {
                Issue.record("\(finding)")
                return
            }
        }
    }

    /// The power fails just after a repository was made: it is there. (Its own name wasn't synced once.)
    @Test func aNewRepositorySurvivesThePower() throws {
        for seed in 0..<20 as Range<UInt64> {
            let fileSystem = SimulatedFileSystem(seed: seed)
            let host = SimulatedHost(seed: seed)
            let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
            _ = try Repository.create(at: "/repo", name: "", environment)
            let next = Environment(fileSystem: fileSystem.afterPowerLoss(seed: seed), host: host, hasThreads: false)
            #expect(throws: Never.self, "seed \(seed)") { try Repository.open("/repo", next) }
        }
    }

    /// What decides whether a world is good finds each kind of wrong.
    @Test func theOracleFindsWhatIsWrong() throws {
        let run = RunID(UniqueID(high: 1, low: 2))
        func compare(_ state: SoakOracle.State, _ points: [(step: Int, value: Double)]) throws {
            var oracle = SoakOracle()
            for step in 0..<2 {
                _ = oracle.append(
                    SoakOracle.Entry(run: run, metric: "m", step: step, time: 1, writer: 0, state: state))
            }
            var reading = SoakOracle.Reading()
            reading.points = points.map { (run, "m", $0.step, 1, $0.value) }
            try oracle.compare(reading)
        }
        try compare(.safe, [(0, 0), (1, 1)])
        try compare(.open, [(1, 1)])
        try compare(.dropped, [])
        let wrong: [(SoakOracle.State, [(step: Int, value: Double)])] = [
            (.safe, [(0, 0)]), (.durable, []), (.dropped, [(0, 0)]), (.safe, [(0, 0), (1, 1), (1, 1)]),
            (.safe, [(1, 1), (0, 0)]), (.safe, [(0, 0), (0, 1)]), (.open, [(0, 2)]), (.open, [(0, 0.5)]),
        ]
        for (state, points) in wrong {
            #expect(throws: SoakFailure.self, "\(state), \(points)") { try compare(state, points) }
        }
    }

    /// A finding is made small: of many steps those are left without which there is none.
    @Test func shrinks() {
        let steps = Soak.steps(7)
        let fewer = Soak.shrink(steps) { left in
            left.contains { $0.description == steps[3].description }
                && left.contains { $0.description == steps[11].description }
        }
        #expect(fewer.map(\.description) == [steps[3], steps[11]].map(\.description))
    }
}
