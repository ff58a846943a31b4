import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Processes of one run are told apart by their ranks, which launchers hand over in the environment.
@Suite struct RankTests {
    private func rank(_ variables: [String: String]) throws -> String? {
        let machine = SimulatedMachine(seed: 5)
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 5), host: SimulatedHost(machine, environment: variables),
            hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let run = try repository.startRun(options: options)
        try run.series("loss").log(1, step: 0)
        try run.finish()
        return try repository.snapshot().metrics().first?.metric["rank"]
    }

    @Test func comesFromTheEnvironment() throws {
        #expect(try rank([:]) == nil)
        #expect(try rank(["RANK": "3", "WORLD_SIZE": "8"]) == "3")
        #expect(try rank(["RANK": "0", "WORLD_SIZE": "1"]) == nil, "torchrun with one process")
        #expect(try rank(["SLURM_PROCID": "5", "SLURM_STEP_NUM_TASKS": "6"]) == "5")
        #expect(try rank(["SLURM_PROCID": "0"]) == nil, "a batch script is no task")
        #expect(try rank(["LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"]) == "1")
        #expect(try rank(["VARVE_RANK": "7", "RANK": "3", "WORLD_SIZE": "8"]) == "7")
        #expect(try rank(["RANK": "-1", "WORLD_SIZE": "8"]) == nil)
        #expect(try rank(["RANK": "x", "WORLD_SIZE": "8"]) == nil)
    }
}
