import Varve

/// What `varve top` shows, and what keys change of it.
struct TopModel {
    /// One run.
    struct Row: Hashable {
        var run: RunInfo
        var entry: TopFeed.Entry
        /// Points a second, over the last seconds.
        var rate: Double

        /// The highest step of its newest points.
        var step: Int? { entry.newest.values.map(\.step).max() }
    }

    /// What rows are sorted by.
    enum Order: Hashable {
        case name, status, step, rate, age
        case metric(MetricKey)
    }

    private(set) var rows: [Row] = []
    /// Metrics with a column, those of the most runs first.
    private(set) var metrics: [MetricKey] = []
    /// How many runs of the repository have each status.
    private(set) var counts: [RunStatus: Int] = [:]
    private(set) var order = Order.name
    private(set) var isReversed = false
    /// All runs, not only those that ran since the beginning.
    private(set) var showsAll = false
    /// What was typed to choose among the runs: an expression as `--where` takes it, else a part of their names.
    private(set) var filter = ""
    /// What it chooses.
    private(set) var choice = TopChoice()
    /// The text of the filter while it is typed.
    private(set) var typed: String?
    /// The first row that is shown.
    private(set) var offset = 0
    private(set) var wantsToQuit = false
    private(set) var showsHelp = false

    /// Runs that ran since the beginning: they stay when they end.
    private var followed: Set<RunID> = []
    /// When points of a run were last counted, and how many there were.
    private var marks: [RunID: [(time: Int64, points: Int)]] = [:]
    private static let window: Int64 = 10_000_000_000
    private static let mostMetrics = 32

    // MARK: What is shown

    /// Takes what is known now.
    ///
    /// - Parameters:
    ///   - choice: which runs are shown; it is made of ``filter``.
    ///   - now: nanoseconds that never go back.
    mutating func update(
        _ runs: [RunInfo], _ entries: [RunID: TopFeed.Entry], _ choice: TopChoice = TopChoice(), now: Int64
    ) {
        self.choice = choice
        counts = Dictionary(runs.map { ($0.status, 1) }, uniquingKeysWith: +)
        for run in runs where run.status == .running || run.status == .silent { followed.insert(run.id) }
        let shown = runs.filter { (showsAll || followed.contains($0.id)) && choice.has($0) }
        rows = shown.map { run in
            let entry = entries[run.id] ?? TopFeed.Entry()
            return Row(run: run, entry: entry, rate: rate(run.id, entry.points, now))
        }
        var owners: [MetricKey: Int] = [:]
        for row in rows { for metric in row.entry.newest.keys { owners[metric, default: 0] += 1 } }
        metrics = Array(
            owners.keys.sorted { a, b in
                let (x, y) = (owners[a] ?? 0, owners[b] ?? 0)
                return x != y ? x > y : a < b
            }.prefix(Self.mostMetrics))
        sort()
    }

    /// Runs on a screen of so many rows of which nothing is known yet.
    func unknown(page: Int) -> [RunID] {
        rows.dropFirst(offset).prefix(page).filter { $0.entry.newest.isEmpty && $0.run.points > 0 }.map(\.run.id)
    }

    private mutating func rate(_ run: RunID, _ points: Int, _ now: Int64) -> Double {
        var known = marks[run] ?? []
        known.append((now, points))
        while known.count > 2, now - known[1].time >= Self.window { known.removeFirst() }
        marks[run] = known
        guard let first = known.first, now > first.time else { return 0 }
        return Double(points - first.points) / (Double(now - first.time) / 1e9)
    }

    private mutating func sort() {
        func number(_ row: Row) -> Double? {
            switch order {
            case .step: row.step.map { Double($0) }
            case .rate: row.rate
            case .age: row.entry.lastTime.map { -Double($0) }
            case .metric(let key): row.entry.newest[key]?.value
            case .name, .status: nil
            }
        }
        rows.sort { a, b in
            switch order {
            case .name:
                if a.run.name != b.run.name { return (a.run.name < b.run.name) != isReversed }
            case .status:
                let (x, y) = (a.run.status.rawValue, b.run.status.rawValue)
                if x != y { return (x < y) != isReversed }
            default:
                switch (number(a), number(b)) {
                // What isn't a number stands at the end either way.
                case (let x?, let y?) where x != y && !(x.isNaN && y.isNaN):
                    return x.isNaN || y.isNaN ? y.isNaN : (x < y) != isReversed
                case (.some, nil): return true
                case (nil, .some): return false
                default: break
                }
            }
            return a.run.id < b.run.id
        }
    }

    // MARK: Keys

    /// Shows runs that match only, as a filter does that is typed.
    mutating func narrow(to filter: String) { self.filter = filter }

    /// The orders that `<` and `>` go through.
    private var orders: [Order] { [.name, .status, .step, .rate, .age] + metrics.map { .metric($0) } }

    /// Does what a key asks for.
    ///
    /// - Parameter page: rows on the screen.
    mutating func press(_ key: TopKey, page: Int) {
        if let text = typed {
            type(key, text)
            return
        }
        if showsHelp {
            showsHelp = false
            return
        }
        switch key {
        case .character("q"), .escape: wantsToQuit = true
        case .character("/"): typed = filter
        case .character("a"): showsAll.toggle()
        case .character("r"): isReversed.toggle()
        case .character("h"), .character("?"): showsHelp = true
        case .character(">"), .character("s"), .right: moveOrder(by: 1)
        case .character("<"), .left: moveOrder(by: -1)
        case .character("j"), .down: offset += 1
        case .character("k"), .up: offset -= 1
        case .pageDown, .character(" "): offset += max(1, page)
        case .pageUp: offset -= max(1, page)
        case .home, .character("g"): offset = 0
        case .end, .character("G"): offset = rows.count
        default: break
        }
        offset = max(0, min(offset, rows.count - max(1, page)))
        sort()
    }

    private mutating func type(_ key: TopKey, _ text: String) {
        switch key {
        case .character(let character): typed = String((text + String(character)).prefix(200))
        case .backspace: typed = String(text.dropLast())
        case .enter:
            filter = text
            typed = nil
            offset = 0
        case .escape: typed = nil
        default: break
        }
    }

    private mutating func moveOrder(by distance: Int) {
        let orders = orders
        let place = orders.firstIndex(of: order) ?? 0
        order = orders[(place + distance + orders.count) % orders.count]
    }
}
