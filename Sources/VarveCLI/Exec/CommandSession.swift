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
                if !Self.pass(bytes, to: Int32(output + 1)) { child.end(output) }
            }
            for signal in relay.received() {
                if signal.isResize {
                    child.resize()
                } else if !signal.isFromTerminal, exit == nil {
                    kill(child.id, signal.number)
                }
            }
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

    /// Writes all of it, however long that takes.
    private static func pass(_ bytes: ArraySlice<UInt8>, to stream: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
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
