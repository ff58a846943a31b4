import Varve

/// Collects what a command prints until it is worth a frame of its run's log.
///
/// Of a line that was overwritten by carriage returns, as progress bars do, only what stood there at last is kept.
struct ConsoleCapture {
    /// Bytes of one channel that are kept of a run; after that only how many there were is said.
    static let mostBytes = 64 << 20
    private static let frame = 64 << 10

    let channel: String
    private var bytes: [UInt8] = []
    private var kept = 0
    private var dropped = 0
    private var lastFlush: Int64 = 0

    init(channel: String) { self.channel = channel }

    mutating func take(_ new: ArraySlice<UInt8>) {
        let room = Self.mostBytes - kept
        bytes += new.prefix(room)
        kept += min(room, new.count)
        dropped += max(0, new.count - room)
    }

    /// The text that is due: whole lines, if there are many or if the last ones are from half a second ago.
    mutating func due(now: Int64) -> String? {
        guard !bytes.isEmpty, bytes.count >= Self.frame || now - lastFlush > 500_000_000 else { return nil }
        lastFlush = now
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            // A line without an end isn't waited for for ever.
            return bytes.count >= Self.frame ? rest() : nil
        }
        let text = Self.text(bytes[...end])
        bytes.removeSubrange(...end)
        return text
    }

    /// All that is left.
    mutating func rest() -> String? {
        var text = Self.text(bytes[...])
        bytes = []
        if dropped > 0 {
            text += "\n… and \(dropped) bytes more, which are not kept"
            dropped = 0
        }
        return text.isEmpty ? nil : text
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let parts = line.split(separator: UInt8(ascii: "\r"))
            lines.append(parts.last ?? [])
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return String(decoding: Array(lines.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self)
    }

    /// Texts of at most the bytes that one entry may have.
    static func parts(_ text: String) -> [String] {
        let most = 512 << 10
        guard text.utf8.count > most else { return [text] }
        var parts: [String] = []
        var part = ""
        for character in text.unicodeScalars {
            part.unicodeScalars.append(character)
            if part.utf8.count >= most {
                parts.append(part)
                part = ""
            }
        }
        return part.isEmpty ? parts : parts + [part]
    }
}
