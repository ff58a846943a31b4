import Synchronization
import Varve

/// What came in of running runs: the newest point of each series, and how many points there were. From any thread.
final class TopFeed: Sendable {
    /// The newest point of a series.
    struct Newest: Hashable {
        var step: Int
        var time: Int64
        var value: Double
    }

    /// What is known of one run.
    struct Entry: Hashable {
        var newest: [MetricKey: Newest] = [:]
        /// Points that came in, not counting those that were there before.
        var points = 0
        /// When the newest point was logged, nanoseconds since 1970; nil: it isn't known.
        var lastTime: Int64?
    }

    private struct State {
        var entries: [RunID: Entry] = [:]
        var failure: VarveError?
    }

    private let state = Mutex(State())

    /// Of a run with more series than these only so many are kept.
    private static let mostSeries = 1000

    /// Takes what a tail hands out.
    func take(_ result: Result<SeriesChunk, VarveError>, now: Int64) {
        state.withLock { state in
            switch result {
            case .failure(let error): state.failure = error
            case .success(let chunk):
                guard chunk.count > 0 else { return }
                let last = chunk.count - 1
                let point = Newest(step: chunk.steps[last], time: chunk.times[last], value: chunk.values[last])
                state.entries[chunk.run, default: Entry()].points += chunk.count
                Self.note(point, chunk.metric, in: &state.entries[chunk.run, default: Entry()], now: now)
            }
        }
    }

    /// Takes what was there before the tail began; what came meanwhile counts more.
    func take(_ curves: [Curve]) {
        state.withLock { state in
            for curve in curves {
                guard let last = curve.pixels.last?.last,
                    state.entries[curve.run]?.newest[curve.metric] == nil
                else { continue }
                let point = Newest(step: last.step, time: last.time, value: last.value)
                Self.note(point, curve.metric, in: &state.entries[curve.run, default: Entry()], now: nil)
            }
        }
    }

    private static func note(_ point: Newest, _ metric: MetricKey, in entry: inout Entry, now: Int64?) {
        if entry.newest[metric] != nil || entry.newest.count < mostSeries { entry.newest[metric] = point }
        guard let time = point.time == .min ? now : point.time else { return }
        entry.lastTime = max(entry.lastTime ?? .min, time)
    }

    /// A copy of all of it.
    var entries: [RunID: Entry] { state.withLock { $0.entries } }

    /// What ended the tail, if it ended.
    var failure: VarveError? { state.withLock { $0.failure } }
}
