import Varve
import VarveCampaign
import VarvePlot

/// `varve top` as lines of text.
struct TopScreen {
    private let model: TopModel
    private let terminal: Terminal
    private let width: Int
    private let height: Int
    private let title: String
    private let campaigns: [CampaignStatus]
    /// Nanoseconds since 1970.
    private let now: Int64

    /// Lines that don't show runs: title, campaigns, heads, keys.
    static func frame(_ campaigns: [CampaignStatus] = []) -> Int { 3 + campaigns.count }

    init(
        _ model: TopModel, title: String, _ campaigns: [CampaignStatus] = [], width: Int, height: Int, hasColour: Bool,
        now: Int64
    ) {
        self.model = model
        self.title = title
        self.campaigns = campaigns
        self.width = max(1, width)
        self.height = max(1, height)
        self.now = now
        terminal = Terminal(width: width, hasColour: hasColour)
    }

    /// As many lines as the screen has, or fewer, none wider than it.
    var lines: [String] {
        if model.showsHelp { return Array(Self.help.map { clipped($0) }.prefix(height)) }
        let page = max(1, height - Self.frame(campaigns))
        var lines = [head] + campaigns.map(progress)
        let columns = columns
        let widths = widths(columns, model.rows.dropFirst(model.offset).prefix(page))
        lines.append(
            line(columns, widths) { column in (model.order == column.order ? marked(column.title) : column.title, .dim)
            })
        for row in model.rows.dropFirst(model.offset).prefix(page) {
            lines.append(line(columns, widths) { $0.cell(row) })
        }
        if model.rows.isEmpty {
            let nobody = model.filter.isEmpty ? "no run is running; a shows all" : "no run matches"
            lines.append(clipped(model.choice.note.map { "can't look for '\(model.filter)': \($0)" } ?? nobody))
        }
        while lines.count < height - 1 { lines.append("") }
        lines.append(foot)
        return Array(lines.prefix(height))
    }

    private func clipped(_ text: String) -> String { PlainText.clipped(PlainText.harmless(text), to: width) }

    private func marked(_ title: String) -> String { title + (model.isReversed ? "▾" : "▴") }

    // MARK: Head and foot

    private var head: String {
        let total = model.counts.values.reduce(0, +)
        let parts = RunStatus.allCases.compactMap { status in
            model.counts[status].map { "\(HumanText.count($0)) \(status.rawValue)" }
        }
        let ended = total - (model.counts[.running] ?? 0) - (model.counts[.silent] ?? 0)
        var text = "\(title)  \(parts.joined(separator: " · "))"
        if total > 0, ended < total { text += "  \(bar(Double(ended) / Double(total))) \(ended * 100 / total) % ended" }
        return terminal.styled(clipped(text), .bold)
    }

    /// How far a campaign is.
    private func progress(_ campaign: CampaignStatus) -> String {
        let (done, all) = (campaign.count(.done), campaign.cells.count)
        let states = CampaignStatus.State.allCases.filter { $0 != .done && campaign.count($0) > 0 }
        let others = states.map { "\(HumanText.count(campaign.count($0))) \($0.rawValue)" }
        let left = campaign.secondsLeft.map { "about \(HumanText.duration(seconds: $0)) left" }
        let parts =
            ["\(HumanText.count(done)) of \(HumanText.plural(all, "cell")) done"] + others + [left].compactMap(\.self)
        let share = bar(Double(done) / Double(max(1, all)))
        return clipped("\(campaign.plan.id)  \(share)  \(parts.joined(separator: " · "))")
    }

    private func bar(_ share: Double) -> String {
        let full = Int((share * 10).rounded(.down))
        return String(repeating: "█", count: full) + String(repeating: "░", count: 10 - full)
    }

    private var foot: String {
        if let typed = model.typed {
            return clipped("filter: \(typed)▏  (an expression or a part of a name; Enter, Esc)")
        }
        let filter = model.filter.isEmpty ? "" : "  filter: \(model.filter)"
        return terminal.styled(
            clipped("q quit  < > sort  r reverse  / filter  a \(model.showsAll ? "running" : "all")  ? help\(filter)"),
            .dim)
    }

    private static let help = [
        "varve top", "",
        "q, Esc      quit",
        "< >, s      sort by the column to the left or right; arrow keys, too",
        "r           reverse the order",
        "/           filter: a part of a name, or params.lr > 0.01 or metric.last < 1",
        "a           all runs, or those that run",
        "j k         down and up; arrow keys, Space, Page Up, Page Down, g, G, too", "",
        "RATE: points a second, over the last ten; AGE: of the newest point", "",
        "any key goes back",
    ]

    // MARK: Columns

    private struct TopColumn {
        var title: String
        var order: TopModel.Order
        var isRight: Bool
        var mostWidth: Int
        var cell: (TopModel.Row) -> (text: String, style: TextStyle)
    }

    private var columns: [TopColumn] {
        let now = now
        var columns = [
            TopColumn(title: "RUN", order: .name, isRight: false, mostWidth: max(12, width / 3)) {
                ($0.run.name, .plain)
            },
            TopColumn(title: "STATUS", order: .status, isRight: false, mostWidth: 8) { row in
                let cell = RunListing.status(row.run.status)
                return (cell.shown, cell.style)
            },
            TopColumn(title: "STEP", order: .step, isRight: true, mostWidth: 12) {
                ($0.step.map { "\($0)" } ?? "", .plain)
            },
            TopColumn(title: "RATE", order: .rate, isRight: true, mostWidth: 10) { row in
                (row.run.status == .running ? "\(HumanText.rounded(row.rate))/s" : "", .plain)
            },
            TopColumn(title: "AGE", order: .age, isRight: true, mostWidth: 14) { row in
                guard let time = row.entry.lastTime else { return ("", .plain) }
                let seconds = (Double(now) - Double(time)) / 1e9
                // Silent for long while it runs: what somebody wants to know.
                let isLate = row.run.status == .running && seconds > 60
                return (seconds < 1 ? "now" : HumanText.duration(seconds: seconds.rounded()), isLate ? .yellow : .plain)
            },
        ]
        for metric in model.metrics {
            let context = metric.context.map(\.value).joined(separator: " ")
            let title = PlainText.clipped(context.isEmpty ? metric.name : "\(metric.name) \(context)", to: 16)
            columns.append(
                TopColumn(title: title, order: .metric(metric), isRight: true, mostWidth: 17) { row in
                    guard let value = row.entry.newest[metric]?.value else { return ("", .plain) }
                    return (HumanText.number(value, digits: 5), value.isFinite ? .bold : .red)
                })
        }
        return columns
    }

    /// How wide each column is; those that don't fit, from the right, are 0 wide.
    private func widths(_ columns: [TopColumn], _ rows: some Sequence<TopModel.Row>) -> [Int] {
        var room = width
        return columns.map { column in
            guard room > 0 else { return 0 }
            // A place for the mark of the order, so that columns don't move.
            var wanted = PlainText.width(PlainText.harmless(column.title)) + 1
            for row in rows { wanted = max(wanted, PlainText.width(PlainText.harmless(column.cell(row).text))) }
            wanted = min(wanted, column.mostWidth)
            guard wanted <= room else {
                room = 0
                return 0
            }
            room -= wanted + 2
            return wanted
        }
    }

    private func line(
        _ columns: [TopColumn], _ widths: [Int], _ cell: (TopColumn) -> (text: String, style: TextStyle)
    ) -> String {
        var line = ""
        for (column, width) in zip(columns, widths) where width > 0 {
            let (text, style) = cell(column)
            let shown = PlainText.clipped(PlainText.harmless(text), to: width)
            let blanks = String(repeating: " ", count: max(0, width - PlainText.width(shown)))
            if !line.isEmpty { line += "  " }
            let styled = terminal.styled(shown, style)
            line += column.isRight ? blanks + styled : styled + blanks
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
