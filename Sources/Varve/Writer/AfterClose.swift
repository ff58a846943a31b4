import Glibc
import Logging
import VarveFiles

/// The compaction that writers make in passing: on a thread of its own, in small bites, never in the way of a run.
final class AfterClose: Sendable {
    private let generation = ForkGuard.generation
    private let state = Guarded(State())

    private struct State {
        var waiting: [RunFacts] = []
        var isBusy = false
        var closes = 0
        var thread: BackgroundThread?
        var background: [RunFacts] = []
    }

    /// In a process that closes one run after the other, one close in so many looks whether there is something to do.
    private static let closesPerLook = 64
    private static let backgroundInterval: Int64 = 10_000_000_000

    /// Only touched under the fork guard's lock.
    nonisolated(unsafe) private static var current: AfterClose?

    /// The one of this process.
    static func shared() -> AfterClose {
        let generation = ForkGuard.generation
        return ForkGuard.shared.withLock {
            if let current, current.generation == generation { return current }
            let fresh = AfterClose()
            if current == nil { atexit { AfterClose.waitAtExit() } }
            current = fresh
            return fresh
        }
    }

    /// A run was opened: if it asked for it, its repository is compacted now and then from now on.
    func opened(_ run: RunFacts) {
        guard run.options.compaction == .background, run.environment.hasThreads else { return }
        state.withLock { $0.background.append(run) }
        wake()
    }

    /// A run was closed.
    func closed(_ run: RunFacts) {
        guard run.options.compaction != .never, run.environment.hasThreads else { return }
        let isDue = state.withLock { state in
            state.background.removeAll { $0 === run }
            defer { state.closes += 1 }
            guard state.closes % Self.closesPerLook == 0 else { return false }
            state.waiting.append(run)
            return true
        }
        if isDue { wake() }
    }

    private func wake() {
        let thread = state.withLock { state in
            if state.thread == nil {
                do throws(FileError) {
                    state.thread = try BackgroundThread(name: "varve-compact") { [self] in work() }
                } catch {
                    Diagnostics.logger.warning("no thread to compact with", metadata: ["error": "\(error)"])
                }
            }
            return state.thread
        }
        thread?.wake()
    }

    private func work() -> Int64? {
        let runs = state.withLock { state in
            state.isBusy = true
            defer { state.waiting = [] }
            return state.waiting + state.background
        }
        defer { state.withLock { $0.isBusy = false } }
        var done: Set<RepositoryPaths> = []
        for run in runs where !run.paths.isBare && done.insert(run.paths).inserted {
            do throws(VarveError) {
                _ = try Compactor(run.environment, run.paths, repository: run.repository).runOnce(.inPassing)
            } catch {
                if (try? run.environment.fileSystem.status(run.paths.logs)) == .some(nil) { continue }
                // The logs are whole; an index that lags costs readers time, and nothing else.
                Diagnostics.logger.warning("compaction in passing failed", metadata: ["error": "\(error)"])
            }
        }
        let goesOn = state.withLock { !$0.background.isEmpty }
        return goesOn ? RealHost.monotonicTime() + Self.backgroundInterval : nil
    }

    /// A process that ends right after a close lets the compaction which that close began come to its end: about a
    /// second at most.
    private static func waitAtExit() {
        let mine = ForkGuard.shared.withLock { current }
        guard let mine, mine.generation == ForkGuard.generation else { return }
        for _ in 0..<3000 {
            let isBusy = mine.state.withLock { $0.isBusy || !$0.waiting.isEmpty }
            if !isBusy { return }
            usleep(1000)
        }
    }
}
