import Glibc
import Synchronization
import Varve
import VarveFiles

/// What the threads of a process that is going to be killed log, each in its own way.
package enum KilledWriter: String, CaseIterable, Sendable {
    case calls
    case slowCalls
    case rows
    case spans

    /// The most points of one call.
    var atOnce: Int { self == .spans ? 50 : 1 }

    func value(_ step: Int) -> Double { Double(step) * 0.5 + Double(rawValue.utf8.count) }

    /// Logs the steps from `step` on that one call takes.
    private func log(_ run: Run, _ series: Series, _ step: Int) {
        switch self {
        case .calls: series.log(value(step), step: step)
        case .slowCalls:
            series.log(value(step), step: step)
            // So that the ring isn't always being drained.
            if step % 500 == 0 { usleep(300) }
        case .rows: run.log(step: step, [(series, value(step))])
        case .spans:
            let values = (step..<step + atOnce).map(value)
            series.log(contentsOf: values.span, firstStep: step)
        }
    }

    /// Logs from all threads at once, and notes what `log` has returned from.
    ///
    /// - Parameter points: of each thread.
    static func logAll(
        _ id: RunID, of repository: Repository, _ acknowledged: Acknowledgements, points: Int
    ) throws {
        var options = RunOptions()
        options.id = id
        options.sync = .interval(seconds: 0.01)
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let series = try allCases.map { try run.series($0.rawValue) }
        try Team.run(allCases.count) { thread in
            let writer = allCases[thread]
            var step = 0
            while step < points {
                writer.log(run, series[thread], step)
                step += writer.atOnce
                acknowledged.set(thread, step)
            }
        }
    }

    /// What the program does that is started to be killed.
    package static func logUntilKilled(_ path: String, run: String, acknowledged: String) throws {
        guard let id = RunID(run) else { throw WrongResult(description: "\(run) is no run's ID") }
        try logAll(id, of: Repository.open(path), Acknowledgements(acknowledged, isNew: false), points: .max)
    }
}

/// Counters that outlive the process that moves them: a page of a file that it shares with another.
final class Acknowledgements: Sendable {
    let path: String
    private let region: any MappedRegion

    init(_ path: String, isNew: Bool = true) throws {
        self.path = path
        let file = try RealFileSystem().open(path, isNew ? .createNew : .update)
        defer { file.close() }
        if isNew { try file.allocate(4_096) }
        region = try file.map(4_096)
    }

    private func word(_ thread: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        (region.base + 64 * thread).assumingMemoryBound(to: Atomic<Int>.self)
    }

    subscript(thread: Int) -> Int { word(thread).pointee.load(ordering: .acquiring) }

    func set(_ thread: Int, _ count: Int) { word(thread).pointee.store(count, ordering: .releasing) }
}
