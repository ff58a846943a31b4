import Varve

/// Makes lines of what a command prints, with the times at which they were whole.
///
/// Of a line that was overwritten by carriage returns, as progress bars do, only what stood there at last is kept; one that is
/// drawn for minutes is kept once a while. Bytes that are no UTF-8 become U+FFFD. Longer lines than 64 KiB become several. Memory
/// is bounded by what is due, and what is due by its caller, who takes it.
struct LineCapture {
    static let mostLineBytes = 64 << 10
    /// What a line counts beside its bytes.
    private static let lineCost = 32
    /// How often the state of an unfinished line is kept.
    private static let interval: Int64 = 30_000_000_000

    let channel: String
    /// Bytes that may still be kept.
    private var room: Int
    private var pending: [UInt8] = []
    private var lines: [TextLine] = []
    private(set) var dueBytes = 0
    private(set) var droppedBytes = 0
    private var keptAt: Int64?

    /// - Parameter mostBytes: bytes that are kept in all; what comes after is counted.
    init(channel: String, mostBytes: Int) {
        self.channel = channel
        room = mostBytes
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, now: Int64) {
        let kept = bytes.prefix(room)
        room -= kept.count
        droppedBytes += bytes.count - kept.count
        if keptAt == nil { keptAt = now }
        var rest = kept
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            pending += rest[..<end]
            finish(now)
            rest = rest[(end + 1)...]
        }
        pending += rest
        if pending.count > Self.mostLineBytes { cut(now) }
    }

    /// A bar that is drawn for hours ends no line: from time to time what it shows is kept.
    mutating func tick(now: Int64) {
        guard !pending.isEmpty, pending.contains(UInt8(ascii: "\r")), now - (keptAt ?? now) > Self.interval else {
            return
        }
        add(Self.state(pending[...]), now)
        pending.removeAll()
    }

    /// The lines that are due, once.
    mutating func due() -> [TextLine] {
        defer {
            lines.removeAll()
            dueBytes = 0
        }
        return lines
    }

    /// The line that nothing has ended.
    mutating func end(now: Int64) {
        if !pending.isEmpty { finish(now) }
        if droppedBytes > 0 {
            add(Array("… and \(droppedBytes) bytes more, which are not kept".utf8)[...], now)
        }
    }

    private mutating func finish(_ now: Int64) {
        var line = Self.state(pending[...])
        while line.count > Self.mostLineBytes {
            let head = line.prefix(Self.whole(line, Self.mostLineBytes))
            add(head, now)
            line = line.dropFirst(head.count)
        }
        add(line, now)
        pending.removeAll(keepingCapacity: pending.capacity <= 2 * Self.mostLineBytes)
    }

    /// A line that gets too long: what carriage returns have overwritten goes, else a piece of it is a line.
    private mutating func cut(_ now: Int64) {
        let state = Self.state(pending[...])
        if state.count < pending.count / 2 {
            let endsLine = pending.last == UInt8(ascii: "\r")
            pending = Array(state) + (endsLine ? [UInt8(ascii: "\r")] : [])
            if pending.count <= Self.mostLineBytes { return }
        }
        while pending.count > Self.mostLineBytes {
            let count = Self.whole(pending[...], Self.mostLineBytes)
            add(pending[..<count], now)
            pending.removeSubrange(..<count)
        }
    }

    private mutating func add(_ line: ArraySlice<UInt8>, _ now: Int64) {
        keptAt = now
        // A million empty lines aren't nothing.
        room = max(0, room - Self.lineCost)
        lines.append(TextLine(channel: channel, time: now, text: String(decoding: line, as: UTF8.self)))
        dueBytes += line.count + 64
    }

    /// What stands in a line at last.
    private static func state(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = line.endIndex
        while end > line.startIndex, line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let rest = line[line.startIndex..<end]
        guard let last = rest.lastIndex(of: UInt8(ascii: "\r")) else { return rest }
        return rest[(last + 1)...]
    }

    /// So many bytes, or up to three fewer, so that no character is cut.
    private static func whole(_ bytes: ArraySlice<UInt8>, _ most: Int) -> Int {
        var count = min(most, bytes.count)
        guard count < bytes.count else { return count }
        for _ in 0..<3 where count > 1 && bytes[bytes.startIndex + count] & 0xC0 == 0x80 { count -= 1 }
        return count
    }
}
