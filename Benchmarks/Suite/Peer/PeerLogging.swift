import Glibc
import Varve
import VarveFiles
import VarveFormat

/// How a training hands its points over.
package enum PeerStyle: String, Sendable {
    /// One call a point.
    case point
    /// One call for all metrics of a step.
    case step
}

/// What logging costs a training of one thread: the loop that all peers run, in Swift.
package struct PeerLogging {
    private let workload: PeerWorkload
    private let style: PeerStyle
    /// Values by step, then by metric: those of the workload's first run, over and over.
    private let rows: [[Double]]

    package init(_ workload: PeerWorkload, _ style: PeerStyle) throws {
        self.workload = workload
        self.style = style
        let columns = try workload.columns(run: 0)
        rows = (0..<workload.pointsPerSeries).map { i in columns.map { $0.values[i] } }
    }

    private struct Open {
        let run: Run
        let series: [Series]
    }

    private func start(_ store: String) throws -> Open {
        let repository = try Repository.openOrCreate(at: store)
        let run = try repository.startRun(name: PeerWorkload.name(ofRun: 0))
        return Open(run: run, series: try workload.metrics.map { try run.series(for: $0) })
    }

    /// Logs `steps` steps and closes.
    package func log(_ store: String, steps: Int) throws -> JSONObject {
        let floor = Stopwatch.measure { callNothing(steps: 100_000) }.wall / Double(100_000 * workload.metrics.count)
        var opened: Open?
        let opening = try Stopwatch.measure { opened = try start(store) }
        guard let open = opened else { return JSONObject() }
        let loop = Stopwatch.measure { style == .point ? logPoints(open, steps: steps) : logRows(open, steps: steps) }
        let closing = try Stopwatch.measure { try open.run.finish() }
        let points = Double(steps * workload.metrics.count)
        var report = JSONObject()
        report["style"] = .string(style.rawValue)
        report["points"] = .int(Int64(points))
        report["init_s"] = .double(opening.wall / 1e9)
        report["loop_s"] = .double(loop.wall / 1e9)
        report["close_s"] = .double(closing.wall / 1e9)
        report["floor_ns"] = .double(floor)
        report["call_ns"] = .double(loop.wall / points)
        report["total_ns"] = .double((loop.wall + closing.wall) / points)
        report["loop_cpu_ns"] = .double(loop.cpu / points)
        report["total_cpu_ns"] = .double((loop.cpu + closing.cpu) / points)
        report["rss_mib"] = .double(Double(ProcessMemory.peak) / 1_048_576)
        return report
    }

    /// Times each call: the median, tails and the longest, nanoseconds, with what reading the clock costs in.
    package func latency(_ store: String, steps: Int) throws -> JSONObject {
        let open = try start(store)
        var samples: [Double] = []
        samples.reserveCapacity(steps * workload.metrics.count)
        for step in 0..<steps {
            let row = rows[step % rows.count]
            for m in row.indices {
                let before = Stopwatch.now()
                open.series[m].log(row[m], step: step)
                samples.append(Stopwatch.now() - before)
            }
        }
        try open.run.finish()
        let sorted = Samples(samples)
        var report = JSONObject()
        report["style"] = .string(style.rawValue)
        report["points"] = .int(Int64(samples.count))
        report["latency"] = .bool(true)
        for (name, quantile) in [("p50_ns", 0.5), ("p99_ns", 0.99), ("p999_ns", 0.999)] {
            report[name] = .int(Int64(sorted.quantile(quantile)))
        }
        report["max_ns"] = .int(Int64(sorted.largest))
        return report
    }

    /// Logs until it is killed; after each call it says in the mapped counter how many points were acknowledged.
    package func logForEver(_ store: String, counter path: String, pace seconds: Double) throws -> Never {
        let file = try RealFileSystem().open(path, .update)
        let counter = try file.map(8)
        let open = try start(store)
        var row = open.series.map { ($0, 0.0) }
        var acknowledged: UInt64 = 0
        var step = 0
        while true {
            let values = rows[step % rows.count]
            for m in values.indices {
                switch style {
                case .point: open.series[m].log(values[m], step: step)
                case .step:
                    row[m].1 = values[m]
                    guard m == values.count - 1 else { continue }
                    open.run.log(step: step, row)
                }
                acknowledged += style == .point ? 1 : UInt64(values.count)
                counter.base.storeBytes(of: acknowledged, as: UInt64.self)
            }
            step += 1
            if seconds > 0 { usleep(UInt32(seconds * 1e6)) }
        }
    }

    @inline(never)
    private func logPoints(_ open: Open, steps: Int) {
        for step in 0..<steps {
            let row = rows[step % rows.count]
            for m in row.indices { open.series[m].log(row[m], step: step) }
        }
    }

    @inline(never)
    private func logRows(_ open: Open, steps: Int) {
        var row = open.series.map { ($0, 0.0) }
        for step in 0..<steps {
            let values = rows[step % rows.count]
            for m in values.indices { row[m].1 = values[m] }
            open.run.log(step: step, row)
        }
    }

    /// The floor: the same loop with a function that does nothing.
    @inline(never)
    private func callNothing(steps: Int) {
        for step in 0..<steps {
            let row = rows[step % rows.count]
            for m in row.indices { Self.nothing(row[m], step: step) }
        }
    }

    @inline(never)
    @_optimize(none)
    private static func nothing(_ value: Double, step: Int) {}
}
