import Glibc
import Metrics
import Testing
import Varve
import VarveFiles
import VarveSoak
import VarveSwiftMetrics
import VarveTestSupport

/// What is measured with swift-metrics is in the run.
struct SwiftMetricsTests {
    /// The points of each series, by name and context, in order.
    private static func curves(_ repository: Repository) throws -> [String: [Double]] {
        var curves: [String: [Double]] = [:]
        let reader = try repository.snapshot().series(Query())
        while let chunk = try reader.next() {
            for i in 0..<chunk.count { curves["\(chunk.metric)", default: []].append(chunk.values[i]) }
        }
        return curves
    }

    private static let seldom: RunMetricsFactory.Options = {
        var options = RunMetricsFactory.Options()
        options.counterInterval = 3_600
        return options
    }()

    @Test func valuesArePoints() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            let factory = RunMetricsFactory(run, options: Self.seldom)
            let recorder = Recorder(
                label: "batch", dimensions: [("subset", "train")], aggregate: true, factory: factory)
            let gauge = Gauge(label: "learning rate", factory: factory)
            let meter = Meter(label: "waiting", factory: factory)
            let timer = Metrics.Timer(label: "step", factory: factory)
            for value in [1.5, -0.0, .infinity] { recorder.record(value) }
            recorder.record(Int64(7))
            gauge.record(0.1)
            meter.set(2)
            meter.increment(by: 0.5)
            meter.decrement()
            timer.recordNanoseconds(1_500_000_000)
            timer.recordMilliseconds(2)
            factory.close()
            try run.finish()
            #expect(
                try Self.curves(repository) == [
                    "batch {subset=train}": [1.5, -0.0, .infinity, 7], "learning rate": [0.1],
                    "waiting": [2, 2.5, 1.5], "step": [1.5, 0.002],
                ])
        }
    }

    @Test func totalsAreLoggedWhenTheyHaveChanged() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            let factory = RunMetricsFactory(run, options: Self.seldom)
            let counter = Counter(label: "requests", dimensions: [("code", "200")], factory: factory)
            let same = Counter(label: "requests", dimensions: [("code", "200")], factory: factory)
            let other = Counter(label: "requests", dimensions: [("code", "500")], factory: factory)
            let seconds = FloatingPointCounter(label: "seconds", factory: factory)
            counter.increment()
            same.increment(by: 2)
            seconds.increment(by: 0.25)
            seconds.increment(by: Double.nan)
            factory.flush()
            factory.flush()
            counter.increment(by: Int64.max)
            counter.increment()
            other.increment()
            other.destroy()
            factory.close()
            factory.close()
            try run.finish()
            #expect(
                try Self.curves(repository) == [
                    "requests {code=200}": [3, Double(Int64.max)], "requests {code=500}": [1], "seconds": [0.25],
                ])
        }
    }

    @Test func eachIncrementIsAPointIfAskedFor() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            var options = RunMetricsFactory.Options()
            options.counterInterval = 0
            options.step = { 42 }
            let factory = RunMetricsFactory(run, options: options)
            let counter = Counter(label: "n", factory: factory)
            counter.increment()
            counter.increment()
            counter.reset()
            factory.close()
            try run.finish()
            #expect(try Self.curves(repository) == ["n": [1, 2, 0]])
            let chunk = try #require(try repository.snapshot().series(Query()).next())
            #expect((0..<chunk.count).map { chunk.steps[$0] } == [42, 42, 42])
        }
    }

    @Test func totalsAreLoggedByThemselves() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            var options = RunMetricsFactory.Options()
            options.counterInterval = 0.005
            let factory = RunMetricsFactory(run, options: options)
            Counter(label: "n", factory: factory).increment()
            var patience = 10_000
            while try Self.curves(repository)["n"] != [1], patience > 0 {
                patience -= 1
                usleep(1_000)
            }
            #expect(patience > 0)
            factory.close()
            try run.finish()
        }
    }

    @Test func whatHasNoNameIsDropped() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            let factory = RunMetricsFactory(run, options: Self.seldom)
            Recorder(label: "", factory: factory).record(1)
            Recorder(label: String(repeating: "x", count: 5_000), factory: factory).record(1)
            Recorder(label: "good", dimensions: [("a", "1"), ("a", "2")], factory: factory).record(1)
            factory.close()
            try run.finish()
            #expect(try Self.curves(repository) == ["good {a=2}": [1]])
        }
    }

    @Test func nothingIsCountedTwiceOrForgottenByManyThreads() throws {
        try withTemporaryDirectory { directory in
            let (repository, run) = try Self.run(in: directory)
            let factory = RunMetricsFactory(run, options: Self.seldom)
            try Threads(count: 4) { number in
                for i in 0..<1_000 {
                    Counter(label: "n", factory: factory).increment()
                    if i % 100 == 0 { factory.flush() }
                    Recorder(label: "values", factory: factory).record(Double(number))
                }
            }.join()
            factory.close()
            try run.finish()
            let curves = try Self.curves(repository)
            #expect(curves["n"]?.last == 4_000)
            #expect(curves["n"]?.sorted() == curves["n"])
            #expect(curves["values"]?.count == 4_000)
        }
    }

    private static func run(in directory: String) throws -> (Repository, Run) {
        let repository = try Repository.create(at: Paths.join(directory, "r"))
        return (repository, try repository.startRun(name: "measured"))
    }
}
