import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing
import Varve
import VarveFiles
import VarveServiceLifecycle
import VarveTestSupport

/// A run ends with the services that log into it.
struct RunServiceTests {
    private struct Failing: Service {
        struct Boom: Error {}
        func run() async throws { throw Boom() }
    }

    /// Logs until it is told to stop, and once more then.
    private struct Trainer: Service {
        let series: Series
        func run() async throws {
            series.log(1.0)
            try await gracefulShutdown()
            series.log(2.0)
        }
    }

    private static func logger() -> Logger { Logger(label: "services") { _ in SwiftLogNoOpLogHandler() } }

    @Test func itFinishesLast() async throws {
        try await withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            let series = try run.series("loss")
            let last = try run.series("last")
            let group = ServiceGroup(
                services: [RunService(run) { last.log(3.0) }, Trainer(series: series)], logger: Self.logger())
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    while try repository.snapshot().runs[0].points == 0 { try await Task.sleep(for: .milliseconds(1)) }
                    trigger.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
            let info = try repository.snapshot().runs[0]
            #expect(info.status == .finished && info.points == 3)
        }
    }

    @Test func itFailsWithTheOthers() async throws {
        try await withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            let group = ServiceGroup(services: [RunService(run), Failing()], logger: Self.logger())
            await #expect(throws: Failing.Boom.self) { try await group.run() }
            #expect(try repository.snapshot().runs[0].status == .failed)
        }
    }
}
