import Glibc
import Varve
import VarveFiles

/// What the benchmarks of the call site have in common: bursts of points that fill half a ring, as many as the engine takes
/// without waiting for its drain, which runs between the bursts.
///
/// A burst's last points aren't timed: the one that fills the half wakes the thread that drains, and on a busy machine that
/// thread takes over at once, so that its whole work would count as the call's. What it costs stands in `log-sustained`.
enum Burst {
    /// Points a burst: half of a ring of 1 MiB.
    static let points = 16_384
    /// The points of a burst that are timed.
    static let timed = points - 16

    /// Noisy losses, as 32-bit floats.
    static let values: [Double] = {
        var random = SplitMix64(seed: 3)
        return (0..<points).map { _ in Double(Float(random.uniform(0.5, 3))) }
    }()

    /// A run whose index nobody builds and whose sync nobody waits for.
    static func startRun(in repository: Repository, _ name: String, clock: LogClock = .counter) throws -> Run {
        warmUpClock()
        var options = RunOptions()
        options.clock = clock
        options.sync = .none
        options.compaction = .never
        return try repository.startRun(name: name, options: options)
    }

    /// Until the counter is calibrated, a second or so after the first run was opened, the clock is the system's.
    static func warmUpClock() {
        let deadline = Stopwatch.now() + 2e9
        while !CounterClock.shared.usesCounter, Stopwatch.now() < deadline {
            usleep(1_000)
            CounterClock.shared.recalibrate()
        }
    }

    static func key(_ series: Int) -> MetricKey { MetricKey("loss_\(series)") }

    /// Compares what a repository holds with what was logged to it; times come from the clock and don't count.
    static func check(_ repository: Repository, _ expected: PointHash, _ what: String) throws -> UInt64 {
        let found = try Corpus.read(repository, times: false)
        guard found == expected else {
            throw WrongResult(
                description:
                    "\(what): \(found.points) points of hash \(found.sum), but \(expected.points) points of hash "
                    + "\(expected.sum) were logged")
        }
        return found.sum
    }
}
