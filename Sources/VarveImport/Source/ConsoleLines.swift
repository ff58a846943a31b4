import Varve

/// Makes lines of what a program printed, which arrives in pieces of any size.
///
/// Of a line that was overwritten by carriage returns, as progress bars do, only what stood there at last is kept.
struct ConsoleLines {
    private struct Open {
        var text: [UInt8] = []
        var time = WallTime.none
    }

    private var open: [String: Open] = [:]
    /// A line may have this many bytes; what is longer is cut into several.
    private static let maxLineBytes = FormatConstants.maxTextBytes

    /// Whether no line is waiting for its end.
    var isEmpty: Bool { open.values.allSatisfy(\.text.isEmpty) }

    /// Adds a piece, and stores the lines that it ends.
    mutating func take(
        _ piece: String, channel: String, step: Int64, time: Int64, _ sink: any RunSink
    ) throws(VarveError) {
        var line = open[channel] ?? Open()
        for byte in piece.utf8 {
            if line.text.isEmpty { line.time = time }
            if byte == UInt8(ascii: "\n") {
                try store(line, channel, step, sink)
                line = Open()
            } else {
                line.text.append(byte)
                // A progress bar may go on for hours: what it has overwritten isn't kept until its line ends.
                if line.text.count > Self.maxLineBytes {
                    line.text = Self.last(of: line.text)
                    if line.text.count > Self.maxLineBytes / 2 {
                        try store(line, channel, step, sink)
                        line = Open()
                    }
                }
            }
        }
        open[channel] = line
    }

    /// Stores the lines that have no end, when nothing follows any more.
    mutating func finish(step: Int64, _ sink: any RunSink) throws(VarveError) {
        for (channel, line) in open.sorted(by: { $0.key < $1.key }) where !line.text.isEmpty {
            try store(line, channel, step, sink)
        }
        open = [:]
    }

    private func store(_ line: Open, _ channel: String, _ step: Int64, _ sink: any RunSink) throws(VarveError) {
        let text = Self.last(of: line.text)
        if text.isEmpty { return }
        try sink.text(String(decoding: text, as: UTF8.self), name: channel, step: step, time: line.time)
    }

    /// What stands there after the carriage returns.
    private static func last(of line: [UInt8]) -> [UInt8] {
        Array(line.split(separator: UInt8(ascii: "\r")).last ?? [])
    }
}
