import Glibc
import Varve
import VarveFiles

/// Work whose instructions and allocations somebody counts from outside (Scripts/budgets, with callgrind): what happens in
/// ``counted(_:)``, and nothing else. The same work each time: no clock but where it says so, no other thread.
package enum CountedWork: String, CaseIterable, Sendable {
    case logTimeGiven = "log-call: time given"
    case logCounter = "log-call: counter clock"
    case logManySeries = "log-call: time given, 1,024 series"
    case row = "log-batch: row of 16 series"
    case span = "log-batch: span of 1,024 points"
    case drainRows = "log-sustained: drain of rows of 16 series"
    case drainCalls = "log-sustained: drain of 16 series, call by call"
    case runOpen = "run-open: open, 10 points, close"
    case compactLong = "compact: 320 series of 1,000 points"
    case compactShort = "compact: 12,800 series of 20 points"
    case compactFiles = "compact: 800 runs of 2 series of 10 points"
    case readLong = "read-all: 320 series of 1,000 points"
    case readShort = "read-all: 12,800 series of 20 points"
    case readOne = "read-one: 1,000 points of 256,000"

    /// Points that are counted at once: with the few before them less than half a ring, which would be drained.
    private static let points = Burst.points - 128

    private static let long = Workload(name: "long", runs: 20, metrics: 16, points: 1_000)
    private static let short = Workload(name: "short", runs: 800, metrics: 16, points: 20)

    /// Does it once. Returns the number of points that it was about, or of runs.
    package func run(_ context: BenchContext) throws -> Int {
        switch self {
        case .logTimeGiven: try logs(context, .given, series: 1)
        case .logCounter: try logs(context, .counter, series: 1)
        case .logManySeries: try logs(context, .given, series: 1_024)
        case .row: try batches(context, isRow: true)
        case .span: try batches(context, isRow: false)
        case .drainRows: try drains(context, isRow: true)
        case .drainCalls: try drains(context, isRow: false)
        case .runOpen: try opens(context)
        case .compactLong: try compacts(context, Self.long)
        case .compactShort: try compacts(context, Self.short)
        case .compactFiles: try compacts(context, Workload(name: "files", runs: 800, metrics: 2, points: 10))
        case .readLong: try reads(context, Self.long)
        case .readShort: try reads(context, Self.short)
        case .readOne: try reads(context, Workload(name: "long", runs: 16, metrics: 16, points: 1_000), onlyOne: true)
        }
    }

    /// A repository whose writers have no threads: the caller does everything, at the same point each time.
    private func repository(_ context: BenchContext) throws -> Repository {
        let environment = Environment(fileSystem: RealFileSystem(), host: RealHost(), hasThreads: false)
        return try Repository.create(at: context.newPath("counted"), name: "", environment)
    }

    private func options() -> RunOptions {
        var options = RunOptions()
        options.sync = .none
        options.compaction = .never
        return options
    }

    private func logs(_ context: BenchContext, _ clock: CallSite.Clock, series count: Int) throws -> Int {
        // Only where there are threads there is a counter: nobody else would calibrate it.
        let repository = clock == .counter ? try context.newRepository("counted") : try repository(context)
        if clock == .counter { Burst.warmUpClock() }
        let run = try repository.startRun(name: "run", options: options())
        let site = CallSite(clock: clock, series: try (0..<count).map { try run.series(Burst.key($0).name) })
        site.log(0, 0..<64)
        counted { site.log(0, 64..<64 + Self.points) }
        try run.finish()
        return Self.points
    }

    private func batches(_ context: BenchContext, isRow: Bool) throws -> Int {
        let run = try repository(context).startRun(name: "run", options: options())
        var row = try (0..<16).map { (try run.series(Burst.key($0).name), 0.0) }
        let values = Burst.values
        let count = isRow ? 1_000 : 15
        if isRow {
            counted {
                for i in 0..<count {
                    for s in 0..<16 { row[s].1 = values[i &* 16 &+ s] }
                    run.log(step: i, time: Int64(i), row)
                }
            }
        } else {
            counted {
                for i in 0..<count { row[i].0.log(contentsOf: values.span.extracting(0..<1_024), firstStep: 0) }
            }
        }
        try run.finish()
        return count * (isRow ? 16 : 1_024)
    }

    private func drains(_ context: BenchContext, isRow: Bool) throws -> Int {
        var options = options()
        // Nothing is drained but by those who say so.
        options.journalBytes = 8 << 20
        let run = try repository(context).startRun(name: "run", options: options)
        let series = try (0..<16).map { try run.series(Burst.key($0).name) }
        func fill(_ burst: Int) {
            for i in 0..<Self.points {
                // Calls come 30 ns apart, stamps are whole microseconds; a row has one.
                let call = burst * Self.points + (isRow ? i & ~15 : i)
                series[i & 15].log(Burst.values[i], step: call / 16, time: Int64(call * 30 / 1_000 * 1_000))
            }
        }
        // The first drain chooses encodings, which the next ones keep.
        fill(0)
        try run.drain()
        for burst in 1...4 {
            fill(burst)
            var failure: (any Error)?
            counted { do { try run.drain() } catch { failure = error } }
            if let failure { throw failure }
        }
        try run.finish()
        return 4 * Self.points
    }

    private func repository(_ context: BenchContext, of workload: Workload) throws -> Repository {
        let repository = try repository(context)
        for run in 0..<workload.runs {
            try Corpus.log(RunColumns(workload, run: run), workload, run: run, to: repository)
        }
        return repository
    }

    /// Indexes the logs of a workload, which hold rows.
    private func compacts(_ context: BenchContext, _ workload: Workload) throws -> Int {
        let repository = try repository(context, of: workload)
        var failure: (any Error)?
        counted { do { _ = try repository.compact() } catch { failure = error } }
        if let failure { throw failure }
        return workload.points
    }

    /// Reads all points of a compacted workload, or one of its series.
    private func reads(_ context: BenchContext, _ workload: Workload, onlyOne: Bool = false) throws -> Int {
        let repository = try repository(context, of: workload)
        _ = try repository.compact()
        let snapshot = try repository.snapshot()
        var query = Query()
        if onlyOne {
            query.metric = workload.metrics[4].metric.name
            query.runs = [snapshot.runIDs[workload.runs / 2]]
        }
        var words = WordSum()
        var failure: (any Error)?
        counted { do { try snapshot.series(query).forEach { words.add($0) } } catch { failure = error } }
        if let failure { throw failure }
        guard words.points == (onlyOne ? workload.pointsPerSeries : workload.points) else {
            throw WrongResult(description: "\(rawValue): \(words.points) points were read")
        }
        return words.points
    }

    private func opens(_ context: BenchContext) throws -> Int {
        let repository = try repository(context)
        func one() throws {
            let run = try repository.startRun(name: "run", options: options())
            let series = try run.series(Burst.key(0).name)
            for step in 0..<10 { series.log(Burst.values[step], step: step, time: Int64(step)) }
            try run.finish()
        }
        let count = 10
        // The next one takes over what the first has made.
        try one()
        var failure: (any Error)?
        counted { do { for _ in 0..<count { try one() } } catch { failure = error } }
        if let failure { throw failure }
        return count
    }
}

/// Does what is counted.
private func counted(_ body: () -> Void) {
    countsAllocations(true)
    collected(body)
    countsAllocations(false)
}

/// Known to callgrind by this name.
@_silgen_name("varve_counted")
@inline(never)
@_optimize(none)
private func collected(_ body: () -> Void) { body() }

/// Tells the library that counts allocations (Scripts/allocations.c), where it is loaded.
private func countsAllocations(_ on: Bool) {
    // RTLD_DEFAULT is a null pointer.
    guard let symbol = dlsym(nil, "varve_count_allocations") else { return }
    unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)(on ? 1 : 0)
}
