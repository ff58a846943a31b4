import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveCampaign

/// Shows in which state each cell of a plan is, for every way in which its runs can stand.
@Suite struct CampaignStatusTests {
    private let host = SimulatedHost(SimulatedMachine(seed: 8))
    private let repository: Repository
    private let plan: CampaignPlan

    init() throws {
        repository = try Repository.create(
            at: "/repo", name: "",
            Environment(fileSystem: SimulatedFileSystem(seed: 8), host: host, hasThreads: false))
        plan = try CampaignPlan(id: "c", axes: [CampaignPlan.Axis("seed", (0..<9).map { .int($0) })])
    }

    private func start(_ seed: PropertyValue, _ more: [String: PropertyValue] = [:]) throws -> Run {
        try repository.startRun(params: ["seed": seed].merging(more) { $1 })
    }

    @Test func everyState() throws {
        let now = host.wallTime()
        try start(0).finish()
        // Failed, and run again: done.
        try start(1.0).fail("no")
        try start(1, ["campaign_id": "c"]).finish()
        try start(2).finish()
        try start(2).finish()
        try start(3).fail("no")
        let running = try start(4)
        try running.series("loss").log(1, step: 0, time: now)
        let stalled = try start(5)
        try stalled.series("loss").log(1, step: 0, time: now - 700_000_000_000)
        let fresh = try start(6)
        let killed = try start(7)
        try killed.fail("no")
        try repository.set(["status": "killed"], of: [killed.id])
        // Another campaign's, one of none of the cells, and one without the axis.
        try start(8, ["campaign_id": "d"]).finish()
        try start(77, ["campaign_id": "c"]).finish()
        try repository.startRun(params: ["lr": 1]).finish()

        let status = try CampaignStatus(of: plan, repository.snapshot(), now: now)
        #expect(
            status.cells.map(\.state) == [
                .done, .done, .done, .failed, .running, .stalled, .running, .killed, .missing,
            ])
        #expect(status.duplicated == 1 && status.strangers == 1 && status.cells[1].runs.count == 2)
        #expect(status.open.map(\.cell.number) == [4, 8, 9])
        #expect(status.cells[5].lastLogged == now - 700_000_000_000)
        #expect(try CampaignStatus(of: plan, repository.snapshot(), now: now, stalledAfter: 800).count(.stalled) == 0)
        #expect(status.secondsLeft.map { $0 >= 0 } == true)
        for run in [running, stalled, fresh] { try run.finish() }
        #expect(try CampaignStatus(of: plan, repository.snapshot(), now: now).count(.done) == 6)
    }

    /// What the program that starts a process puts into VARVE_RUN_ID is the run that the process logs into.
    @Test func processesJoinTheRunThatWasMadeForThem() throws {
        let made = try start(0)
        host.setEnvironment("VARVE_RUN_ID", made.id.description)
        host.setEnvironment("VARVE_ATTEMPT", "0")
        let joined = try repository.startRun(params: ["own": 1])
        #expect(joined.id == made.id && joined.attempt == 0)
        try joined.series("loss").log(1, step: 0)
        try joined.finish()
        #expect(try repository.snapshot().runs.map(\.status) == [.running])
        try made.fail("exit status 3")
        let run = try #require(try repository.snapshot().runs.first)
        #expect(run.status == .failed && run.params == ["seed": 0, "own": 1] && run.points == 1)
        host.setEnvironment("VARVE_RUN_ID", "nonsense")
        #expect(throws: VarveError.self) { try repository.startRun() }
    }
}
