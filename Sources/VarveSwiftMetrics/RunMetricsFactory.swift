public import CoreMetrics
import Logging
public import Varve
import VarveFiles

/// Logs what a program measures with swift-metrics into a run.
///
/// ```swift
/// let metrics = RunMetricsFactory(run)
/// MetricsSystem.bootstrap(metrics)
/// Counter(label: "requests", dimensions: [("code", "200")]).increment()
/// ```
///
/// A label is the metric's name, dimensions are its context. Of several values for one dimension the last one counts.
///
/// | in swift-metrics | in the run |
/// |---|---|
/// | `Recorder`, `Gauge`, `Meter` | a point for each value that is set or recorded |
/// | `Timer` | a point for each duration, in seconds |
/// | `Counter`, `FloatingPointCounter` | the total, whenever ``Options/counterInterval`` has passed and it has changed |
///
/// Steps are counted, unless ``Options/step`` says them. What can't be stored (an empty label, say) is told once through
/// swift-log, and dropped.
public final class RunMetricsFactory: MetricsFactory {
    /// How measurements become points.
    public struct Options: Sendable {
        /// After how many seconds the totals of counters that have changed are logged; 0: with each increment. What was
        /// counted since the last time is lost at a kill.
        public var counterInterval = 10.0
        /// The step of a point that is logged now, such as the training's; nil: each series counts its points.
        public var step: (@Sendable () -> Int)?

        /// The defaults.
        public init() {}
    }

    private let instruments: Instruments
    private let sampler: BackgroundThread?

    /// Logs into `run`, which the caller ends: after ``close()``.
    public init(_ run: Run, options: Options = Options()) {
        let instruments = Instruments(run, options)
        self.instruments = instruments
        let pause = options.counterInterval
        guard pause > 0 else {
            sampler = nil
            return
        }
        let nanoseconds = Int64(min(max(pause, 0.001), 1e9) * 1e9)
        // A system without room for a thread still has the totals that close() logs.
        sampler = try? BackgroundThread(name: "varve-metrics") { [weak instruments] in
            guard let instruments else { return nil }
            instruments.logTotals()
            return RealHost.monotonicTime() + nanoseconds
        }
    }

    /// Logs the totals of counters that have changed since they were last logged.
    public func flush() { instruments.logTotals() }

    /// Logs the last totals. Values that are recorded later are logged as long as the run takes them.
    public func close() {
        sampler?.stop()
        instruments.logTotals()
    }

    // MARK: MetricsFactory

    /// The counter of this label and these dimensions; all of one name count together.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instruments.instrument(label, dimensions) { IntegerTotal($0) }
    }

    /// The same for totals that are no integers.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        instruments.instrument(label, dimensions) { NumberTotal($0) }
    }

    /// A value that goes up and down.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instruments.instrument(label, dimensions) { Level($0) }
    }

    /// Values each of which is a point, whether swift-metrics would have them aggregated or not.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        instruments.instrument(label, dimensions) { Values($0) }
    }

    /// Durations, which are logged in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instruments.instrument(label, dimensions) { Durations($0) }
    }

    /// Logs the last total and forgets the counter.
    public func destroyCounter(_ handler: any CounterHandler) { instruments.forget(handler) }

    /// Logs the last total and forgets the counter.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { instruments.forget(handler) }

    /// Forgets the meter, and its level with it.
    public func destroyMeter(_ handler: any MeterHandler) { instruments.forget(handler) }

    /// Forgets the recorder.
    public func destroyRecorder(_ handler: any RecorderHandler) { instruments.forget(handler) }

    /// Forgets the timer.
    public func destroyTimer(_ handler: any TimerHandler) { instruments.forget(handler) }
}
