import Varve
import VarveCampaign

/// The columns of a campaign's state, and its cells.
struct CampaignListing {
    let status: CampaignStatus
    let now: Int64

    /// How many cells are in each state.
    func writeCounts(to output: OutputStream, _ format: ListFormat) throws {
        let writer = try ListWriter(
            output, format: format, columns: [Column("state"), Column("cells", numeric: true)])
        for state in CampaignStatus.State.allCases {
            try writer.row([.text(state.rawValue, style: Self.style(state)), .count(status.count(state))])
        }
        try writer.row([.text("duplicated"), .count(status.duplicated)])
        try writer.end()
    }

    /// What is left to say below a table.
    var notes: [String] {
        var notes = ["\(status.plan.id): \(HumanText.plural(status.cells.count, "cell"))"]
        let left = status.open.count + status.count(.running) + status.count(.stalled)
        if left > 0, let seconds = status.secondsLeft {
            let workers = max(1, status.count(.running))
            notes.append("time left about \(HumanText.duration(seconds: seconds)), \(workers) at a time")
        }
        for cell in status.cells where cell.state == .stalled {
            let since = cell.lastLogged.map { HumanText.ago($0, now: now) } ?? "?"
            notes.append("stalled: \(words(cell)), last logged \(since)")
        }
        if status.strangers > 0 {
            notes.append("\(HumanText.plural(status.strangers, "run")) of the campaign in no cell of its plan")
        }
        return notes
    }

    private func words(_ cell: CampaignStatus.CellStatus) -> String {
        zip(status.plan.axes, cell.cell.values).map { "\($0.name)=\($1.plainText)" }.joined(separator: " ")
    }

    func writeCells(
        _ cells: [CampaignStatus.CellStatus], to output: OutputStream, _ format: ListFormat?
    ) throws {
        let axes = status.plan.axes.map { axis in
            Column(axis.name, title: axis.name, numeric: axis.values.allSatisfy(\.isNumber), maxWidth: 24)
        }
        let writer = try ListWriter(
            output, format: format,
            columns: [Column("cell", numeric: true)] + axes
                + [
                    Column("state"), Column("runs", numeric: true), Column("finished", numeric: true, machines: true),
                    Column("run", machines: true),
                    Column("logged", optional: true, machines: !cells.contains { $0.lastLogged != nil }),
                ])
        for cell in cells {
            try writer.row(
                [.count(cell.cell.number)] + cell.cell.values.map { .property($0) }
                    + [
                        .text(cell.state.rawValue, style: Self.style(cell.state)), .count(cell.runs.count),
                        .count(cell.finished), cell.runs.last.map { .text($0.description) } ?? .missing,
                        cell.lastLogged.map { .time($0, now: now) } ?? .missing,
                    ])
        }
        try writer.end()
    }

    private static func style(_ state: CampaignStatus.State) -> TextStyle {
        switch state {
        case .done: .green
        case .running: .blue
        case .stalled: .yellow
        case .failed, .killed: .red
        case .missing: .plain
        }
    }
}
