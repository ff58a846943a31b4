import ArgumentParser
import Glibc
import Varve

struct LogsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a run has said: console output, and other text.",
        discussion: """
            On a terminal with local times, in a pipe as TSV with times in UTC. With --follow it goes on until the run ends, or is \
            interrupted. Patterns are regular expressions, as in --where.

            Examples:
              varve logs baseline --follow
              varve logs baseline --search 'loss=nan|Traceback' --channel stderr
              varve logs big --rank 3 --since 10m --tail 100
            """)

    @Argument(help: ArgumentHelp("An ID, the beginning of one, or a name.", valueName: "run"))
    var wanted: String

    @Flag(name: [.long, .short], help: "Go on with what is said from now on, until the run ends.")
    var follow = false

    @Option(help: ArgumentHelp("Only lines in which this is found.", valueName: "pattern"))
    var search: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Only this channel, such as stdout or stderr; may be repeated.", valueName: "channel"))
    var channel: [String] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("Only what this rank has said; may be repeated.", valueName: "n"))
    var rank: [Int] = []

    @Option(
        help: ArgumentHelp(
            "Only what was said since: 10m, 2h, 1d, or a time such as 2026-11-26T10:00:00Z.", valueName: "when"))
    var since: SinceOption?

    @Option(help: ArgumentHelp("Only the last lines, so many.", valueName: "n"))
    var tail: Int?

    @Flag(help: "Only the text, without times and channels.")
    var raw = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let tail, tail < 0 { throw ValidationError("--tail takes a number of lines, 0 or more") }
        if follow, list.format == .json {
            throw ValidationError("a JSON document has an end; --format jsonl follows")
        }
    }

    func run() throws {
        let pattern = try search.map { text throws(VarveError) in try TextSearch(text) }
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        let run = try snapshot.run(wanted)
        common.warn(snapshot)
        let output = OutputStream()
        var listing: TextListing?
        let earliest = since?.time(now: wallTime())
        var kept: [TextLine] = []
        var first = 0
        var failure: (any Error)?
        var ranks: Set<Int?> = []
        var channels: Set<ExactText> = []
        func wants(_ line: TextLine) -> Bool {
            (channel.isEmpty || channel.contains(line.channel))
                && (rank.isEmpty || line.rank.map(rank.contains) ?? false)
                && (earliest.map { line.time >= $0 } ?? true) && (pattern?.isFound(in: line.text) ?? true)
        }
        func lines(_ line: TextLine, _ body: (TextLine) throws -> Void) {
            guard failure == nil else { return }
            ranks.insert(line.rank)
            channels.insert(ExactText(line.channel))
            for part in line.text.split(separator: "\n", omittingEmptySubsequences: false) {
                var one = line
                one.text = String(part)
                guard wants(one) else { continue }
                do { try body(one) } catch { failure = error }
            }
        }
        func write(_ line: TextLine) throws {
            if listing == nil {
                listing = try TextListing(
                    output, format: list.format, isRaw: raw, showsRank: ranks.contains { $0 != nil })
            }
            try listing?.write(line)
        }
        func keep(_ line: TextLine) throws {
            guard let tail else { return try write(line) }
            // A ring of the last lines.
            if tail == 0 { return }
            if kept.count < tail {
                kept.append(line)
            } else {
                kept[first] = line
                first = (first + 1) % tail
            }
        }
        let text = follow ? try TextTail(repository, run: run.id) { lines($0, keep) } : nil
        if !follow { try snapshot.forEachText(of: run.id) { lines($0, keep) } }
        for line in kept[first...] + kept[..<first] { try write(line) }
        if let failure { throw failure }
        if let text {
            try goOn(text) { line in
                lines(line, write)
            } tick: {
                if let failure { throw failure }
                try listing?.flush()
                try output.flush()
            }
        }
        if listing == nil {
            listing = try TextListing(output, format: list.format, isRaw: raw, showsRank: false)
            if !follow { try explain(channels, ranks, output.terminal) }
        }
        try listing?.end()
    }

    /// Says why there is nothing to print, where there would be if something else had been asked for.
    private func explain(_ channels: Set<ExactText>, _ ranks: Set<Int?>, _ terminal: Terminal) throws {
        guard !channels.isEmpty else { return terminal.isInteractive ? printNote("nothing was said") : () }
        if let strange = channel.first(where: { !channels.contains(ExactText($0)) }) {
            let names = channels.sorted().map(\.text)
            throw VarveError(
                .notFound, "the run has said nothing on the channel '\(strange)'",
                found: names.prefix(20).joined(separator: ", "),
                remedy: FilterNames.nearest(to: strange, among: names).map { "did you mean '\($0)'?" })
        }
        if let strange = rank.first(where: { !ranks.contains($0) }) {
            let numbers = ranks.compactMap(\.self).sorted().prefix(20).map { "\($0)" }
            throw VarveError(
                .notFound, "the rank \(strange) has said nothing",
                found: numbers.isEmpty ? "text without ranks" : "the ranks \(numbers.joined(separator: ", "))")
        }
        if terminal.isInteractive { printNote("no line is among what was asked for") }
    }

    private func goOn(_ text: TextTail, _ body: (TextLine) -> Void, tick: () throws -> Void) throws {
        try tick()
        var round = 0
        while true {
            // Asked before the last look: what is said between the two isn't missed.
            let isOver = round % 10 == 0 ? try !text.isAlive() : false
            try text.poll(body)
            try tick()
            if isOver { return }
            round += 1
            usleep(50_000)
        }
    }
}

/// How long ago, or a time.
enum SinceOption: ExpressibleByArgument, Sendable {
    case ago(Double)
    case at(Int64)

    init?(argument: String) {
        if let duration = DurationOption(argument: argument) {
            self = .ago(duration.seconds)
        } else if let time = TimeText.time(argument) {
            self = .at(time)
        } else {
            return nil
        }
    }

    func time(now: Int64) -> Int64 {
        switch self {
        case .ago(let seconds): now - Int64(min(seconds, 4e9) * 1e9)
        case .at(let time): time
        }
    }
}
