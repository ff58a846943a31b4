import ArgumentParser
import Glibc
import Varve
import VarvePlot

struct TopVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch what is running: newest values, rates, ages, and how far campaigns are.",
        discussion: """
            A line for each planned campaign that isn't done, then a row a run. --where and / take the whole query language \
            but group by, metrics too. Rows are ordered by the keys, so that order by only decides which runs a limit takes, \
            among all that there are.

            Keys: q quits, < and > choose the column to sort by, r reverses, / filters, a shows all runs, ? tells more. The \
            terminal is as before afterwards, also when the program is killed. In a pipe, or with --once, the table is \
            printed once.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Begin with runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @Option(help: ArgumentHelp("Seconds between two looks, 0.1 to 3600.", valueName: "seconds"))
    var interval = 1.0

    @Flag(help: "Print the table once, and end.")
    var once = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0.1...3600).contains(interval) else { throw ValidationError("--interval must be 0.1 to 3600") }
    }

    func run() throws {
        if let expression = `where` { try Search(parsing: expression).refuseGroups() }
        let repository = try common.open()
        let feed = TopFeed()
        // The tail begins before the snapshot is taken, so that no point falls between.
        let tail = try repository.follow(Query(), interval: .milliseconds(200)) { feed.take($0, now: wallTime()) }
        defer { tail.stop() }
        let snapshot = try repository.snapshot()
        common.warn(snapshot)
        let live = snapshot.runs.filter { $0.status == .running || $0.status == .silent }.map(\.id)
        feed.take(try snapshot.curves(Query(runs: live), pixels: 1, includingTimes: true))
        var model = TopModel()
        if let expression = `where` { model.narrow(to: expression) }
        let screen = Screen(descriptor: 1)
        guard !once, screen.columns != nil, let session = TerminalSession() else {
            var look = TopLook()
            look.update(&model, snapshot, repository, feed.entries)
            let campaigns = look.campaigns.open
            let output = OutputStream()
            let page = TopScreen(
                model, title: repository.path, campaigns, width: screen.columns ?? 160,
                height: max(1, model.rows.count) + TopScreen.frame(campaigns),
                hasColour: output.terminal.hasColour, now: wallTime())
            for line in page.lines.dropLast() { try output.line(line) }
            return try output.flush()
        }
        defer { session.end() }
        try watch(repository, feed, &model, session)
    }

    private func watch(_ repository: Repository, _ feed: TopFeed, _ model: inout TopModel, _ session: TerminalSession)
        throws
    {
        let step = Int64(interval * 1e9)
        var snapshot = try repository.snapshot()
        var nextLook = monotonicTime() + step
        var look = TopLook()
        // Runs that ended have no more to say: each is asked once.
        var asked: Set<RunID> = []
        while !model.wantsToQuit {
            if monotonicTime() >= nextLook {
                if let failure = feed.failure { throw failure }
                snapshot = try repository.snapshot()
                look.isOld = true
                nextLook = monotonicTime() + step
            }
            look.update(&model, snapshot, repository, feed.entries)
            let screen = Screen(descriptor: 1)
            let (width, height) = (screen.columns ?? 80, screen.rows ?? 24)
            let unknown = model.unknown(page: height).filter { asked.insert($0).inserted }
            if !unknown.isEmpty {
                feed.take(try snapshot.curves(Query(runs: unknown), pixels: 1, includingTimes: true))
                look.update(&model, snapshot, repository, feed.entries)
            }
            let campaigns = look.campaigns.open
            try draw(
                TopScreen(
                    model, title: repository.path, campaigns, width: width, height: height,
                    hasColour: Terminal(descriptor: 1).hasColour, now: wallTime()))
            let wait = max(0, nextLook - monotonicTime()) / 1_000_000 + 1
            guard let keys = session.keys(milliseconds: Int32(min(wait, 1000))) else { return }
            for key in keys { model.press(key, page: height - TopScreen.frame(campaigns)) }
            if session.resume() { nextLook = 0 }
        }
    }

    private func draw(_ screen: TopScreen) throws {
        // Line by line over what is there: nothing flickers.
        var text = "\u{1B}[H"
        for (index, line) in screen.lines.enumerated() { text += (index > 0 ? "\r\n" : "") + line + "\u{1B}[K" }
        let output = OutputStream()
        try output.write(text + "\u{1B}[J")
        try output.flush()
    }
}

/// What has to be found out of a snapshot before it can be shown.
private struct TopLook {
    /// There is a newer snapshot than the one that the choice was made in.
    var isOld = true
    private(set) var campaigns = TopCampaigns()
    private var choice = TopChoice()
    private var nextChoice: Int64 = .min
    /// No more than this share of the time is spent on looking for what was typed.
    private static let share: Int64 = 10

    mutating func update(
        _ model: inout TopModel, _ snapshot: Snapshot, _ repository: Repository, _ entries: [RunID: TopFeed.Entry]
    ) {
        let began = monotonicTime()
        if choice.text != model.filter || isOld && began >= nextChoice {
            choice = TopChoice(model.filter, in: snapshot)
            nextChoice = monotonicTime() + Self.share * (monotonicTime() - began)
        }
        if isOld { campaigns.update(repository, snapshot, entries) }
        isOld = false
        model.update(snapshot.runs, entries, choice, now: monotonicTime())
    }
}
