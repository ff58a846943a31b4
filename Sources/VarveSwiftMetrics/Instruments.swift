import CoreMetrics
import Logging
import Varve
import VarveFiles

/// The instruments of a run: one for each kind, label and dimensions, however often it is asked for.
final class Instruments: Sendable {
    private let run: Run
    private let options: RunMetricsFactory.Options
    private let state = Guarded(State())
    private static let logger = Logger(label: "varve.metrics")

    private struct Key: Hashable {
        var kind: ObjectIdentifier
        var label: String
        var context: [String: String]
    }

    private struct State {
        var instruments: [Key: any Instrument] = [:]
        var keys: [ObjectIdentifier: Key] = [:]
        /// Labels that can't be stored, of which was told.
        var refused: Set<String> = []
    }

    init(_ run: Run, _ options: RunMetricsFactory.Options) {
        self.run = run
        self.options = options
    }

    /// The instrument of this name, or a new one.
    func instrument<I: Instrument>(
        _ label: String, _ dimensions: [(String, String)], make: (Destination) -> I
    ) -> I {
        let context = Dictionary(dimensions) { _, last in last }
        let key = Key(kind: ObjectIdentifier(I.self), label: label, context: context)
        if let known = state.withLock({ $0.instruments[key] as? I }) { return known }
        // Not under the lock: a definition is written to the log.
        let fresh = make(Destination(series(label, context), options))
        return state.withLock { state in
            if let known = state.instruments[key] as? I { return known }
            state.instruments[key] = fresh
            state.keys[ObjectIdentifier(fresh)] = key
            return fresh
        }
    }

    private func series(_ label: String, _ context: [String: String]) -> Series? {
        do throws(VarveError) { return try run.series(label, context: context) } catch {
            if state.withLock({ $0.refused.insert(label).inserted }) {
                Self.logger.warning("a metric isn't logged", metadata: ["label": "\(label)", "error": "\(error)"])
            }
            return nil
        }
    }

    func forget(_ handler: AnyObject) {
        let known = state.withLock { state in
            state.keys.removeValue(forKey: ObjectIdentifier(handler)).flatMap {
                state.instruments.removeValue(forKey: $0)
            }
        }
        known?.logTotal()
    }

    func logTotals() {
        for instrument in state.withLock({ Array($0.instruments.values) }) { instrument.logTotal() }
    }
}

/// What the factory keeps.
protocol Instrument: AnyObject, Sendable {
    /// Logs the total, if there is one and it has changed since it was last logged.
    func logTotal()
}

extension Instrument {
    func logTotal() {}
}

/// Where the values of an instrument go.
struct Destination: Sendable {
    /// Nil: they can't be stored.
    private let series: Series?
    private let step: (@Sendable () -> Int)?
    /// Each change of a total is logged at once.
    let logsEachChange: Bool

    init(_ series: Series?, _ options: RunMetricsFactory.Options) {
        self.series = series
        step = options.step
        logsEachChange = options.counterInterval <= 0
    }

    func log(_ value: Double) {
        guard let series else { return }
        if let step { series.log(value, step: step()) } else { series.log(value) }
    }

    func log(_ value: Int64) {
        guard let series else { return }
        if let step { series.log(value, step: step()) } else { series.log(value) }
    }
}
