import Glibc
import Varve
import VarveFiles

/// Logs what the machine does beside a run: processors, memory, load, disks, network, the process and all it started, and NVIDIA's
/// cards where there are some. Each figure is a series with the context `system`: `host`, `process`, `container`, `gpu0`, ….
///
/// Steps are counted, so that no rewind takes figures back. A thread of the lowest priority reads a few files each time; what can't be
/// read is left out, and never disturbs the run. Stops when it is let go of.
public final class SystemSampler: Sendable {
    private let thread: BackgroundThread
    private let state: Guarded<State>

    private struct State {
        var host: HostProbe
        var process: ProcessProbe
        var cards: NvidiaCards?
        var series: [SystemFigure.Place: Series] = [:]
        var samples = 0
        var failed = 0
        var problem: VarveError?
        var isNice = false
    }

    /// Readings so far.
    public var samples: Int { state.withLock { $0.samples } }
    /// Figures that could not be logged, because their series could not be made.
    public var failed: Int { state.withLock { $0.failed } }
    /// Why, of the last of them.
    public var problem: VarveError? { state.withLock { $0.problem } }

    /// - Throws: `system` if there is no room for a thread.
    init(_ run: Run, every interval: Duration, of process: Int32, directory: String) throws(VarveError) {
        let (seconds, attoseconds) = interval.components
        let nanoseconds = max(100_000_000, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let files = RealFileSystem()
        let state = Guarded(
            State(
                host: HostProbe(files, directory: directory), process: ProcessProbe(files, process: Int(process)),
                cards: NvidiaCards()))
        self.state = state
        let host = RealHost()
        do throws(FileError) {
            thread = try BackgroundThread(name: "varve-system") {
                state.withLock { state in
                    // Of this thread alone: 0 means the one that asks, and Linux counts threads here.
                    if !state.isNice { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) }
                    state.isNice = true
                    Self.sample(run, &state, at: host.monotonicTime())
                }
                return host.monotonicTime() + nanoseconds
            }
        } catch {
            throw VarveError(error)
        }
    }

    deinit { thread.stop() }

    /// Ends the sampling, after a last reading that is under way.
    public func stop() { thread.stop() }

    private static func sample(_ run: Run, _ state: inout State, at time: Int64) {
        let figures =
            state.host.figures(at: time) + state.process.figures(at: time) + (state.cards?.figures() ?? [])
        for figure in figures {
            let place = SystemFigure.Place(of: figure.of, name: figure.name)
            if state.series[place] == nil {
                do throws(VarveError) {
                    state.series[place] = try run.series(figure.name, context: ["system": figure.of])
                } catch {
                    state.failed += 1
                    state.problem = error
                }
            }
            state.series[place]?.log(figure.value)
        }
        state.samples += 1
    }
}

extension SystemFigure {
    struct Place: Hashable {
        var of: String
        var name: String
    }
}

extension Run {
    /// Logs what the machine does, beside this run, until the sampler is stopped or let go of.
    ///
    /// - Parameters:
    ///   - interval: how often; a tenth of a second at least. Rates and shares are means over it; the first reading has none.
    ///   - process: the process whose figures are logged, with all that it started; nil: this one.
    ///   - directory: on whose volume the room is told.
    /// - Throws: `system` if there is no room for another thread.
    public func sampleSystem(
        every interval: Duration = .seconds(15), of process: Int32? = nil, directory: String = "."
    ) throws(VarveError) -> SystemSampler {
        try SystemSampler(self, every: interval, of: process ?? getpid(), directory: directory)
    }
}
