import Glibc
import Synchronization
import Testing
import VarveFiles
import VarveSoak
import VarveTestSupport

@testable import Varve

/// Everything that may happen to a repository at once, on a real file system with real threads: two writers with two logging
/// threads each, which finish and resume, two compactors, two readers, and one who tails. Readers never go back in time, see
/// each series from its beginning without a gap, and in the end everything is there, once. It is what `./test sanitizers` runs
/// under ThreadSanitizer; `VARVE_STRESS` multiplies its length.
@Suite(.serialized) struct StressTests {
    private static var length: Int { RealHost().environment("VARVE_STRESS").flatMap { Int($0) } ?? 1 }
    private static let threads = 2

    private static func value(_ thread: Int, _ step: Int) -> Double { Double(step) * 0.25 + Double(thread) }

    /// What went wrong in any thread; the first counts.
    private final class Failures: Sendable {
        private let first = Guarded<String?>(nil)
        var found: String? { first.withLock { $0 } }
        func note(_ body: () throws -> Void) {
            do { try body() } catch {
                let words = "\(error)"
                first.withLock { $0 = $0 ?? words }
            }
        }
    }

    private final class Flag: Sendable {
        private let state = Atomic(false)
        var isRaised: Bool { state.load(ordering: .acquiring) }
        func raise() { state.store(true, ordering: .releasing) }
    }

    @Test func allAtOnce() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            let repository = try Repository.create(at: path)
            let failures = Failures()
            let isOver = Flag()
            let runs = [RunID(RealHost().newID()), RunID(RealHost().newID())]
            let attempts = 4
            let steps = 3_000 * Self.length

            let others = try Threads(count: 5) { number in
                failures.note {
                    switch number {
                    case 0, 1:
                        while !isOver.isRaised {
                            _ = try repository.compact()
                            usleep(20_000)
                        }
                    case 2, 3: try Self.read(repository, until: isOver)
                    default: try Self.tail(repository, until: isOver)
                    }
                }
            }
            let writers = try Threads(count: runs.count) { number in
                failures.note { try Self.write(repository, runs[number], attempts: attempts, steps: steps, failures) }
            }
            writers.join()
            isOver.raise()
            others.join()
            try require(failures.found == nil, failures.found ?? "")
            _ = try repository.compact()
            let counts = try Self.counts(repository.snapshot())
            #expect(counts.count == runs.count * Self.threads)
            #expect(counts.values.allSatisfy { $0 == attempts * steps })
            #expect(try repository.verify(deep: true).problems == [])
        }
    }

    private static func write(
        _ repository: Repository, _ run: RunID, attempts: Int, steps: Int, _ failures: Failures
    ) throws {
        var options = RunOptions()
        options.id = run
        options.journalBytes = 64 << 10
        options.compaction = .never
        for attempt in 0..<attempts {
            options.attempt = attempt
            let open =
                try attempt == 0
                ? repository.startRun(name: "stress", options: options) : repository.resumeRun(run, options: options)
            let loggers = try Threads(count: threads) { thread in
                failures.note {
                    let series = try open.series("t\(thread)")
                    for step in attempt * steps..<(attempt + 1) * steps {
                        series.log(value(thread, step), step: step)
                        guard step % 256 == 0 else { continue }
                        try open.text("at \(step)")
                        // No faster than it is drained, even where everything is twenty times as slow: after a second without
                        // room points would be dropped, and counted.
                        while open.health.pending > 1_000 { usleep(500) }
                    }
                }
            }
            loggers.join()
            if attempt % 2 == 0 { try open.set("values.done", .int(Int64(attempt))) }
            try open.finish()
        }
    }

    /// Points of each series, which are the steps 0, 1, 2, …, each with its value.
    private static func counts(_ snapshot: Snapshot) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        let reader = try snapshot.series(Query(view: .all))
        while let chunk = try reader.next() {
            let key = "\(chunk.run) \(chunk.metric.name)"
            let thread = chunk.metric.name == "t0" ? 0 : 1
            var next = counts[key] ?? 0
            for i in 0..<chunk.count {
                try require(
                    chunk.steps[i] == next && chunk.values[i] == value(thread, next),
                    "\(key): step \(chunk.steps[i]), value \(chunk.values[i]) where step \(next) should be")
                next += 1
            }
            counts[key] = next
        }
        return counts
    }

    private static func read(_ repository: Repository, until isOver: Flag) throws {
        var before: [String: Int] = [:]
        while !isOver.isRaised {
            let now = try counts(repository.snapshot())
            for (key, count) in before {
                try require(now[key, default: 0] >= count, "\(key) had \(count) points and has \(now[key] ?? 0)")
            }
            before = now
            usleep(5_000)
        }
    }

    private static func tail(_ repository: Repository, until isOver: Flag) throws {
        let tail = try RepositoryTail(repository, Query(view: .all))
        var last: [String: Int] = [:]
        while !isOver.isRaised {
            try tail.poll { chunk in
                let key = "\(chunk.run) \(chunk.metric.name)"
                for i in 0..<chunk.count {
                    if let before = last[key], chunk.steps[i] != before + 1 {
                        Issue.record("\(key): step \(chunk.steps[i]) after \(before)")
                    }
                    last[key] = chunk.steps[i]
                }
            }
            usleep(3_000)
        }
    }
}
