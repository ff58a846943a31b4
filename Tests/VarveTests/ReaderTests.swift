import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// What a reader can ask for, on a simulated machine, from logs and journals and again from the index: the answers are
/// the same.
@Suite struct ReaderTests {
    private func world() throws -> (SimulatedFileSystem, SimulatedMachine, Repository) {
        let machine = SimulatedMachine(seed: 4)
        let fileSystem = SimulatedFileSystem(seed: 4)
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        return (fileSystem, machine, try Repository.create(at: "/repo", name: "", environment))
    }

    /// Steps and values of a query.
    private func read(_ repository: Repository, _ query: Query) throws -> [[Double]] {
        let reader = try repository.snapshot().series(query)
        var points: [[Double]] = []
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                points.append([Double(chunk.steps[i]), chunk.values[i]] + (chunk.x.isEmpty ? [] : [chunk.x[i]]))
            }
        }
        return points
    }

    /// Checks now, and once more from the index.
    private func twice(_ repository: Repository, _ body: () throws -> Void) throws {
        try body()
        _ = try repository.compact()
        try body()
    }

    @Test func rangesOfStepsAndTimes() throws {
        let (_, _, repository) = try world()
        let run = try repository.startRun()
        let series = try run.series("loss")
        for step in 0..<100 { series.log(Double(step), step: step, time: Int64(step) * 10) }
        try run.finish()
        try twice(repository) { () throws in
            #expect(try read(repository, Query(steps: 10...12)) == [[10, 10], [11, 11], [12, 12]])
            #expect(try read(repository, Query(times: 985...2000)) == [[99, 99]])
            #expect(try read(repository, Query(steps: 1000...2000)).isEmpty)
            #expect(try read(repository, Query(metric: "other")).isEmpty)
        }
    }

    @Test func anotherMetricAsXAxis() throws {
        let (_, _, repository) = try world()
        let run = try repository.startRun()
        let loss = try run.series("loss")
        let epoch = try run.series("epoch")
        let seldom = try run.series("accuracy")
        for step in 0..<10 {
            run.log(step: step, time: 0, [(loss, Double(step)), (epoch, Double(step) / 4)])
            if step % 3 == 0 { seldom.log(0.5, step: step, time: 0) }
        }
        try run.finish()
        try twice(repository) { () throws in
            #expect(
                try read(repository, Query(metric: "loss", x: MetricKey("epoch")))
                    == (0..<10).map { [Double($0), Double($0), Double($0) / 4] })
            #expect(
                try read(repository, Query(metric: "accuracy", x: MetricKey("epoch")))
                    == [0, 3, 6, 9].map { [Double($0), 0.5, Double($0) / 4] })
            #expect(
                try read(repository, Query(metric: "loss", x: MetricKey("accuracy")))
                    == [0, 3, 6, 9].map { [Double($0), Double($0), 0.5] })
        }
    }

    @Test func aForkInheritsWhatCameBefore() throws {
        let (_, _, repository) = try world()
        let source = try repository.startRun()
        let a = try source.series("loss")
        for step in 0..<10 { a.log(1, step: step, time: 0) }
        try source.finish()
        var options = RunOptions()
        options.forkOf = RunOptions.Fork(run: source.id, step: 6)
        let fork = try repository.startRun(options: options)
        let b = try fork.series("loss")
        for step in 6..<8 { b.log(2, step: step, time: 0) }
        try fork.finish()
        // What the source does later is none of the fork's business.
        let later = try repository.resumeRun(source.id, from: 2)
        try later.series("loss").log(3, step: 2, time: 0)
        try later.finish()
        try twice(repository) { () throws in
            #expect(
                try read(repository, Query(runs: [fork.id]))
                    == (0..<6).map { [Double($0), 1] } + [[6, 2], [7, 2]])
            #expect(try read(repository, Query(runs: [source.id])) == [[0, 1], [1, 1], [2, 3]])
        }
        let report = try repository.remove([source.id])
        #expect(report.dependents == [fork.id])
        let info = try #require(try repository.snapshot().runs.first)
        #expect(info.historyIsMissing)
        #expect(try read(repository, Query()) == [[6, 2], [7, 2]])
    }

    @Test func ranksNeverShadowEachOther() throws {
        let (_, machine, repository) = try world()
        var options = RunOptions()
        options.rank = 0
        let first = try repository.startRun(options: options)
        options.rank = 1
        options.id = first.id
        let other = try Repository.open(
            "/repo",
            Environment(
                fileSystem: repository.environment.fileSystem, host: SimulatedHost(machine), hasThreads: false))
        let second = try other.startRun(options: options)
        #expect([first.attempt, second.attempt] == [0, 0])
        for step in 0..<5 {
            try first.series("loss").log(1, step: step, time: 0)
            try second.series("loss").log(2, step: step, time: 0)
        }
        try first.finish()
        #expect(try repository.snapshot().runs.map(\.status) == [.running])
        try second.finish()
        try twice(repository) { () throws in
            #expect(try repository.snapshot().runs.map(\.status) == [.finished])
            #expect(try read(repository, Query(context: ["rank": "0"])) == (0..<5).map { [Double($0), 1] })
            #expect(try read(repository, Query(context: ["rank": "1"])) == (0..<5).map { [Double($0), 2] })
            let metrics = try repository.snapshot().metrics()
            #expect(metrics.map(\.runs) == [1, 1])
        }
    }

    @Test func statisticsAreThoseOfThePoints() throws {
        let (_, _, repository) = try world()
        let run = try repository.startRun()
        let series = try run.series("loss")
        let values: [Double] = [3, .nan, -1, .infinity, 7, 7, -1, -.infinity, 2]
        for (step, value) in values.enumerated() { series.log(value, step: step * 2, time: 0) }
        try run.finish()
        try twice(repository) { () throws in
            let found = try #require(try repository.snapshot().statistics(Query()).first)
            #expect(found.count == 9 && found.nan == 1 && found.positiveInfinite == 1 && found.negativeInfinite == 1)
            #expect(found.min?.value == -1 && found.min?.step == 4)
            #expect(found.max?.value == 7 && found.max?.step == 8)
            #expect(found.last?.value == 2 && found.last?.step == 16)
            #expect(found.steps == 0...16)
        }
    }

    @Test func artifactsAreStoredOnceAContent() throws {
        let (fileSystem, _, repository) = try world()
        let file = try fileSystem.open("/model.bin", .createNew)
        try file.write([UInt8](repeating: 7, count: 3_000_000), at: 0)
        file.close()
        let run = try repository.startRun()
        try run.addArtifact("/model.bin", version: "1", step: 3)
        try run.addArtifact("/model.bin", name: "copy", mediaType: "application/octet-stream")
        try run.finish()
        let found = try repository.snapshot().artifacts(of: run.id)
        #expect(found.map(\.name) == ["model.bin", "copy"])
        #expect(Set(found.map(\.sha256)).count == 1 && found[0].size == 3_000_000 && found[0].step == 3)
        #expect(try repository.diskUse().artifacts == 3_000_000)
        #expect(try repository.verify().problems == [])
        let path = try #require(found[0].path)
        var bytes = try #require(fileSystem.content(path))
        bytes[17] ^= 1
        #expect(fileSystem.replace(path, with: bytes))
        #expect(try repository.verify().problems.map(\.file) == [path])
        try fileSystem.unlink(path)
        #expect(try repository.snapshot().artifacts(of: run.id).map(\.path) == [nil, nil])
    }

    @Test func verifyComparesIndexAndLogs() throws {
        let (_, _, repository) = try world()
        for _ in 0..<3 {
            let run = try repository.startRun()
            let series = try run.series("loss")
            for step in 0..<500 { series.log(Double(step).squareRoot(), step: step) }
            try run.finish()
        }
        _ = try repository.compact()
        let report = try repository.verify(deep: true)
        #expect(report.problems == [])
        #expect(report.points == 1500)
        #expect(report.bytes > 0 && report.files > 3)
    }

    @Test func removalWaitsForTheLiving() throws {
        let (_, machine, repository) = try world()
        let host = SimulatedHost(machine)
        let other = try Repository.open(
            "/repo", Environment(fileSystem: repository.environment.fileSystem, host: host, hasThreads: false))
        let run = try other.startRun()
        try run.series("loss").log(1, step: 1)
        #expect(throws: VarveError.self) { () throws in _ = try repository.remove([run.id]) }
        #expect(try repository.snapshot().runs.count == 1)
        host.die()
        let report = try repository.remove([run.id])
        #expect(report.removed == [run.id] && report.files == 2)
        #expect(try repository.snapshot().runs.isEmpty)
        #expect(throws: VarveError.self) { () throws in _ = try repository.remove([run.id]) }
        #expect(try repository.diskUse().trash > 0)
    }

    /// The removal of several runs is cut off between two of them; repeating it finishes it.
    @Test func anInterruptedRemovalIsFinished() throws {
        let (fileSystem, _, repository) = try world()
        var runs: [RunID] = []
        for _ in 0..<2 {
            let run = try repository.startRun()
            try run.series("loss").log(1, step: 1)
            try run.finish()
            runs.append(run.id)
        }
        let renames = Guarded(0)
        fileSystem.fail(.io, times: 1) { call in
            guard call.kind == .rename else { return false }
            return renames.withLock { count in
                count += 1
                return count == 2
            }
        }
        #expect(throws: VarveError.self) { () throws in _ = try repository.remove(runs) }
        #expect(try repository.snapshot().runs.count == 1)
        _ = try repository.remove(runs)
        #expect(try repository.snapshot().runs.isEmpty)
        #expect(throws: VarveError.self) { () throws in _ = try repository.remove(runs) }
    }
}
