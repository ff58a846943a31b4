import Varve

/// Writes lines of a run's text: for people with local times, for machines as TSV, CSV or JSON.
final class TextListing {
    private let output: OutputStream
    private let format: ListFormat
    private let isRaw: Bool
    private let showsRank: Bool
    private var writer: ListWriter?
    private var day: String?

    /// - Parameters:
    ///   - isRaw: only the text.
    ///   - showsRank: whether several ranks may have said something.
    init(_ output: OutputStream, format: ListFormat?, isRaw: Bool, showsRank: Bool) throws {
        self.output = output
        self.format = format ?? .standard(for: output.terminal)
        self.isRaw = isRaw
        self.showsRank = showsRank
        guard !isRaw, self.format != .table else { return }
        writer = try ListWriter(
            output, format: self.format,
            columns: [
                Column("time"), Column("channel"), Column("rank", numeric: true), Column("step", numeric: true),
                Column("text", maxWidth: 200),
            ])
    }

    func write(_ line: TextLine) throws {
        if let writer {
            return try writer.row([
                .time(line.time), .text(line.channel), line.rank.map { .step($0) } ?? .missing,
                line.step.map { .step($0) } ?? .missing, .text(line.text),
            ])
        }
        let text = Self.shown(line.text)
        if isRaw { return try output.line(output.terminal.isInteractive ? HumanText.harmless(text) : line.text) }
        var words: [String] = []
        if let time = LocalTime(line.time) {
            if time.day != day {
                day = time.day
                try output.line(output.terminal.styled("── \(time.day) ──", .dim))
            }
            words.append(output.terminal.styled(time.clock, .dim))
        }
        if showsRank { words.append(output.terminal.styled(line.rank.map { "\($0)" } ?? "–", .blue)) }
        let style: TextStyle = line.channel == "stderr" ? .yellow : line.channel == "stdout" ? .dim : .green
        words.append(output.terminal.styled(HumanText.harmless(line.channel), style))
        if let step = line.step { words.append(output.terminal.styled("step \(step)", .dim)) }
        try output.line(words.joined(separator: " ") + "  " + HumanText.harmless(text))
    }

    func flush() throws { try output.flush() }

    func end() throws {
        try writer?.end()
        try output.flush()
    }

    /// Without the sequences by which programs colour what they print: their letters would be left otherwise.
    static func shown(_ text: String) -> String {
        guard text.unicodeScalars.contains("\u{1B}") else { return text }
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\u{1B}" else {
                result.append(scalar)
                continue
            }
            if rest.first == "[" {
                rest.removeFirst()
                // Parameters, then one letter.
                while let next = rest.popFirst(), !("@"..."~").contains(next) {}
            } else if rest.first == "]" {
                while let next = rest.popFirst(), next != "\u{7}" {
                    if next == "\u{1B}" {
                        _ = rest.popFirst()
                        break
                    }
                }
            } else {
                _ = rest.popFirst()
            }
        }
        return String(result)
    }
}
