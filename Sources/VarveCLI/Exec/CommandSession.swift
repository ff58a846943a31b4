import Glibc
import Varve

/// A command at work: passes on what it prints, keeps it in its run, and tells it what signals say.
struct CommandSession {
    private let run: Run
    private var captures: [LineCapture]
    private var relay: SignalRelay
    /// Bytes of output that could not be written to the log.
    private(set) var lostBytes = 0
    private var flushedAt: Int64 = 0
    /// A signal came that asks for an end.
    private var isStopping = false

    /// After the command has ended, others that it left behind may still write for so long.
    private static let grace: Int64 = 2_000_000_000

    init(_ run: Run, mostBytes: Int, _ relay: SignalRelay) {
        self.run = run
        self.relay = relay
        captures = ["stdout", "stderr"].map { LineCapture(channel: $0, mostBytes: mostBytes) }
    }

    /// Bytes that were passed on and are more than is kept.
    var droppedBytes: Int { captures.reduce(0) { $0 + $1.droppedBytes } }

    /// Runs it to its end.
    mutating func follow(_ child: consuming ChildCommand) -> CommandExit {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var exit: CommandExit?
        var endedAt: Int64 = 0
        while true {
            var isQuiet = true
            for output in 0..<2 where child.outputs[output] >= 0 {
                guard let bytes = child.read(output, into: &buffer), !bytes.isEmpty else { continue }
                isQuiet = false
                captures[output].take(bytes, now: wallTime())
                // Whoever read us has gone: the command learns it as it would without us.
                if !pass(bytes, to: Int32(output + 1), of: child) { child.end(output) }
            }
            relaySignals(to: child, isOver: exit != nil)
            flush(isDue: false)
            let isOpen = child.outputs.contains { $0 >= 0 }
            if exit == nil {
                exit = child.ended()
                endedAt = monotonicTime()
            } else if !isOpen || isQuiet && monotonicTime() - endedAt > Self.grace {
                break
            }
            if isQuiet {
                // Without outputs there is only its end to wait for.
                if isOpen { child.wait(milliseconds: exit == nil ? 50 : 10) } else { usleep(10_000) }
            }
        }
        for i in captures.indices { captures[i].end(now: wallTime()) }
        flush(isDue: true)
        return exit ?? .status(0)
    }

    /// Writes all of it, however long the reader takes; signals go on meanwhile. False: nobody reads it any more.
    private mutating func pass(_ bytes: ArraySlice<UInt8>, to stream: Int32, of child: borrowing ChildCommand) -> Bool {
        var rest = bytes
        var stuckSince: Int64?
        while !rest.isEmpty {
            var waiting = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
            if poll(&waiting, 1, 50) == 0 {
                relaySignals(to: child, isOver: false)
                let now = monotonicTime()
                // Somebody wants an end of it, and whoever reads us doesn't read.
                if isStopping, now - (stuckSince ?? now) > Self.grace { return false }
                stuckSince = stuckSince ?? now
                continue
            }
            stuckSince = nil
            // So many bytes a pipe takes at once where it takes any: a write never waits.
            let count = rest.prefix(Self.pieceBytes).withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR, errno != EAGAIN {
                return false
            }
        }
        return true
    }

    private static let pieceBytes = 4096

    private mutating func relaySignals(to child: borrowing ChildCommand, isOver: Bool) {
        for signal in relay.received() {
            if signal.isResize {
                child.resize()
                continue
            }
            if signal.number != SIGUSR1, signal.number != SIGUSR2 { isStopping = true }
            if !signal.isFromTerminal, !isOver { kill(child.id, signal.number) }
        }
    }

    private mutating func flush(isDue: Bool) {
        let now = monotonicTime()
        for i in captures.indices { captures[i].tick(now: wallTime()) }
        let bytes = captures.reduce(0) { $0 + $1.dueBytes }
        guard bytes > 0, isDue || bytes > 256 << 10 || now - flushedAt > 200_000_000 else { return }
        flushedAt = now
        // As they came, as far as that can be told: a line of one channel never overtakes an earlier one of the other.
        let lines = captures.indices.flatMap { captures[$0].due() }.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
        do { try run.text(lines) } catch {
            // The disk may be full: the command goes on, and what is lost is counted.
            lostBytes += lines.reduce(0) { $0 + $1.text.utf8.count }
        }
    }
}
