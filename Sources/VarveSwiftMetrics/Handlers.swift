import CoreMetrics
import VarveFiles

/// What counters share: a total that is logged when it is time, or with each change.
final class Total<Number: AdditiveArithmetic & Sendable>: Sendable {
    private let state = Guarded((now: Number.zero, logged: Number.zero))
    private let logsEachChange: Bool
    private let log: @Sendable (Number) -> Void

    init(logsEachChange: Bool, _ log: @escaping @Sendable (Number) -> Void) {
        self.logsEachChange = logsEachChange
        self.log = log
    }

    // Logged under the lock, so that totals stand in their order.

    func change(_ body: (inout Number) -> Void) {
        state.withLock { state in
            body(&state.now)
            guard logsEachChange else { return }
            state.logged = state.now
            log(state.now)
        }
    }

    /// Logs the total if it has changed since.
    func logIfChanged() {
        state.withLock { state in
            guard state.now != state.logged else { return }
            state.logged = state.now
            log(state.now)
        }
    }
}

/// A count; it stays at the largest integer rather than to begin anew from the smallest one.
final class IntegerTotal: CounterHandler, Instrument {
    private let total: Total<Int64>

    init(_ destination: Destination) {
        total = Total(logsEachChange: destination.logsEachChange) { destination.log($0) }
    }

    func increment(by amount: Int64) {
        total.change { total in
            let (sum, isTooLarge) = total.addingReportingOverflow(amount)
            total = isTooLarge ? (amount < 0 ? .min : .max) : sum
        }
    }

    func reset() { total.change { $0 = 0 } }
    func logTotal() { total.logIfChanged() }
}

/// A total that is no integer. Of the amounts those count that swift-metrics says count: positive, finite ones.
final class NumberTotal: FloatingPointCounterHandler, Instrument {
    private let total: Total<Double>

    init(_ destination: Destination) {
        total = Total(logsEachChange: destination.logsEachChange) { destination.log($0) }
    }

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        total.change { $0 += amount }
    }

    func reset() { total.change { $0 = 0 } }
    func logTotal() { total.logIfChanged() }
}

/// A value that is set, or goes up and down; each change is a point.
final class Level: MeterHandler, Instrument {
    private let destination: Destination
    private let level = Guarded(0.0)

    init(_ destination: Destination) { self.destination = destination }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) {
        level.withLock { level in
            level = value
            destination.log(value)
        }
    }

    func increment(by amount: Double) { change(by: amount) }
    func decrement(by amount: Double) { change(by: -amount) }

    private func change(by amount: Double) {
        guard amount.isFinite else { return }
        level.withLock { level in
            level += amount
            destination.log(level)
        }
    }
}

/// Single values.
final class Values: RecorderHandler, Instrument {
    private let destination: Destination

    init(_ destination: Destination) { self.destination = destination }

    func record(_ value: Int64) { destination.log(value) }
    func record(_ value: Double) { destination.log(value) }
}

/// Durations.
final class Durations: TimerHandler, Instrument {
    private let destination: Destination

    init(_ destination: Destination) { self.destination = destination }

    func recordNanoseconds(_ duration: Int64) { destination.log(Double(duration) / 1e9) }
}
