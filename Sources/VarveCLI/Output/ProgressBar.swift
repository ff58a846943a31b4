import Synchronization
import Varve

/// A line on the terminal that says how far a long job is, how fast it goes, and how long it will take.
///
/// It appears only if standard error is a terminal and the job takes longer than a second, is redrawn ten times a second at
/// most, and leaves no trace at the end. Updates may come from any thread.
final class ProgressBar: Sendable {
    private struct State {
        var drawnAt: Int64?
        /// Where the rate was last measured.
        var markedAt: Int64
        var markedCount = 0
        /// Smoothed, a second.
        var rate: Double?
    }

    private let label: String
    private let terminal: Terminal
    private let start: Int64
    private let clock: @Sendable () -> Int64
    private let write: @Sendable (String) -> Void
    private let state: Mutex<State>

    private static let delay: Int64 = 1_000_000_000
    private static let interval: Int64 = 100_000_000

    /// - Parameters:
    ///   - label: What is done, such as `importing`.
    ///   - clock: Nanoseconds that never go back.
    ///   - write: Where the line goes.
    init(
        _ label: String, terminal: Terminal = Terminal(descriptor: 2),
        clock: @escaping @Sendable () -> Int64 = monotonicTime,
        write: @escaping @Sendable (String) -> Void = writeProgress
    ) {
        self.label = label
        self.terminal = terminal
        self.clock = clock
        self.write = write
        start = clock()
        state = Mutex(State(markedAt: start))
    }

    /// Says how far the job is.
    func update(_ progress: Progress) {
        guard let width = terminal.width, !Wordiness.isQuiet else { return }
        let now = clock()
        let line: String? = state.withLock { state in
            guard now - start >= Self.delay, now - (state.drawnAt ?? .min / 2) >= Self.interval else { return nil }
            state.drawnAt = now
            let seconds = Double(now - state.markedAt) / 1e9
            if seconds > 0 {
                let current = Double(progress.done - state.markedCount) / seconds
                state.rate = state.rate.map { $0 * 0.8 + current * 0.2 } ?? current
                state.markedAt = now
                state.markedCount = progress.done
            }
            return text(progress, rate: state.rate ?? 0, width: width)
        }
        if let line { write("\r\u{1B}[K" + line) }
    }

    /// Wipes the line.
    func end() {
        if state.withLock({ $0.drawnAt != nil }) { write("\r\u{1B}[K") }
    }

    private func text(_ progress: Progress, rate: Double, width: Int) -> String {
        let isBytes = progress.unit == "bytes"
        func amount(_ value: Double) -> String { isBytes ? HumanText.bytes(Int(value)) : HumanText.rounded(value) }
        var facts = isBytes ? amount(Double(progress.done)) : "\(amount(Double(progress.done))) \(progress.unit)"
        if rate > 0 { facts += "  \(amount(rate))/s" }
        guard let total = progress.total, total > 0 else {
            return HumanText.clipped("\(label)  \(facts)", to: width - 1)
        }
        let share = min(1, max(0, Double(progress.done) / Double(total)))
        if rate > 0, progress.done < total {
            facts += "  \(HumanText.duration(seconds: (Double(total - progress.done) / rate).rounded(.up))) left"
        }
        let percent = "\(Int(share * 100)) %"
        let room = min(30, width - 1 - label.count - percent.count - facts.count - 6)
        guard room >= 5 else { return HumanText.clipped("\(label)  \(percent)  \(facts)", to: width - 1) }
        let full = Int((share * Double(room)).rounded(.down))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: room - full)
        return "\(label)  \(bar)  \(percent)  \(facts)"
    }
}
