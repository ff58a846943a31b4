import Varve

/// One run on a page: head, params, values, metrics, artifacts, text.
struct RunPage {
    var run: RunInfo
    var id: String
    var statistics: [SeriesStatistics]
    var text: [TextLine]
    /// Entries of text before these.
    var textBefore = 0
    var artifacts: [Artifact]
    /// What wrote it.
    var processes: [RunProcess]
    /// What the run is called of which this one is a fork.
    var forkName: String
    /// What the run said when it ended.
    var endMessage: String?
    var now: Int64

    /// Lines of text that a page shows; `--format json` has all of them.
    static let textLines = 10

    func write(to output: OutputStream) throws {
        let terminal = output.terminal
        let status = RunListing.status(run.status)
        try output.line(
            "\(terminal.styled(HumanText.harmless(run.name), .bold))  \(terminal.styled(status.shown, status.style))")
        try fields(head, to: output)
        try section("params", run.params, to: output)
        try section("values", run.values, to: output)
        try section(
            "properties", otherProperties.filter { key, _ in !key.beginsWithBytes(of: RunListing.importKeys) },
            to: output)
        if processes.count > 1, processes.contains(where: { !$0.host.isEmpty }) { try writeProcesses(to: output) }
        if !statistics.isEmpty {
            try output.line()
            let writer = try ListWriter(output, format: .table, columns: metricColumns)
            for entry in statistics { try writer.row(Self.cells(entry)) }
            try writer.end()
        }
        if !artifacts.isEmpty {
            try output.line()
            let writer = try ListWriter(
                output, format: .table,
                columns: [
                    Column("artifact"), Column("version"), Column("size", numeric: true),
                    Column("content", maxWidth: 80),
                ])
            for artifact in artifacts {
                let place = artifact.path.map { Cell.text($0) } ?? .text("missing", style: .red)
                try writer.row([.text(artifact.name), .text(artifact.version), .bytes(artifact.size), place])
            }
            try writer.end()
        }
        guard !text.isEmpty else { return }
        let hidden = textBefore + text.count - min(text.count, Self.textLines)
        try output.line()
        try output.line(terminal.styled(hidden > 0 ? "TEXT (\(HumanText.count(hidden)) earlier lines)" : "TEXT", .dim))
        for line in text.suffix(Self.textLines) {
            try output.line(
                "  \(HumanText.clipped(HumanText.harmless(line.text), to: max(20, (terminal.width ?? 120) - 2)))")
        }
    }

    private var head: [(String, String)] {
        let started = TimeText.text(run.created / 1_000_000_000 * 1_000_000_000)
        let ago = HumanText.ago(run.created, now: now)
        var fields = [
            ("id", run.id.description), ("started", started.hasPrefix(ago) ? started : "\(started), \(ago)"),
        ]
        let took = RunListing.duration(run, now: now).shown
        if !took.isEmpty { fields.append((run.status == .running ? "so far" : "took", took)) }
        if let endMessage { fields.append((run.status == .failed ? "why" : "said", endMessage)) }
        // Where a resume took points back, the curves have fewer than the files.
        let valid = statistics.reduce(0) { $0 + $1.count }
        let rest = valid < run.points ? ", and \(HumanText.count(run.points - valid)) that a resume took back" : ""
        fields.append(("points", HumanText.count(min(valid, run.points)) + rest))
        if run.lostPoints > 0 {
            fields.append(("lost", "\(HumanText.plural(run.lostPoints, "point")) dropped and counted"))
        }
        if let hosts = RunColumns.hostText(run.hosts) {
            fields.append((run.hosts.count == 1 ? "host" : "hosts", hosts))
        }
        if run.attempt > 0 { fields.append(("attempt", "\(run.attempt)")) }
        if !run.tags.isEmpty { fields.append(("tags", run.tags.joined(separator: ", "))) }
        if let source = run.forkedFrom {
            let name = forkName.isEmpty ? "\(source)" : "\(forkName) (\(source))"
            let step = run.forkStep.map { ", before step \($0)" } ?? ""
            fields.append(("fork of", "\(name)\(step)\(run.historyIsMissing ? " (not here: history missing)" : "")"))
        }
        if case .string(let note)? = run.properties["note"] { fields.append(("note", note)) }
        if case .string(let root)? = run.properties["import.root"] { fields.append(("imported", "from \(root)")) }
        return fields
    }

    private var otherProperties: Properties {
        run.properties.filter { key, _ in
            !["name", "status", "note"].contains(key)
                && !["params.", "values.", "tags."].contains { key.beginsWithBytes(of: $0) }
        }
    }

    private func section(_ title: String, _ values: Properties, to output: OutputStream) throws {
        guard !values.isEmpty else { return }
        try output.line()
        try output.line(output.terminal.styled(title.uppercased(), .dim))
        try fields(values.keys.map { ($0, Cell.property(values[$0]).shown) }, to: output)
    }

    private func fields(_ fields: [(String, String)], to output: OutputStream) throws {
        let width = min(32, fields.map { HumanText.width($0.0) }.max() ?? 0)
        for (name, value) in fields {
            let spaces = String(repeating: " ", count: max(0, width - HumanText.width(name)))
            try output.line("  \(HumanText.harmless(name))\(spaces)  \(HumanText.harmless(value))")
        }
    }

    private func writeProcesses(to output: OutputStream) throws {
        try output.line()
        let writer = try ListWriter(
            output, format: .table,
            columns: [
                Column("attempt", numeric: true, machines: run.attempt == 0),
                Column("rank", numeric: true, machines: processes.allSatisfy { $0.rank == nil }),
                Column("host"), Column("status"), Column("points", numeric: true),
                Column("lost", numeric: true, machines: run.lostPoints == 0),
            ])
        for process in processes {
            try writer.row([
                .step(process.attempt), process.rank.map { .step($0) } ?? .missing, .text(process.host),
                RunListing.status(process.status), .count(process.points), .count(process.lostPoints),
            ])
        }
        try writer.end()
    }

    private var metricColumns: [Column] {
        [
            Column("metric"), Column("context", machines: statistics.allSatisfy { $0.metric.context.isEmpty }),
            Column("points", numeric: true), Column("steps", numeric: true), Column("min", numeric: true),
            Column("max", numeric: true), Column("last", numeric: true),
        ]
    }

    private static func cells(_ entry: SeriesStatistics) -> [Cell] {
        let steps = entry.steps.map { "\($0.lowerBound)–\($0.upperBound)" } ?? ""
        func value(_ extreme: (value: Double, step: Int)?) -> Cell { extreme.map { .number($0.value) } ?? .missing }
        return [
            .text(entry.metric.name), .context(entry.metric), .count(entry.count), .text(steps), value(entry.min),
            value(entry.max), value(entry.last),
        ]
    }

    /// The properties one a row.
    func writeProperties(to output: OutputStream, format: ListFormat) throws {
        let writer = try ListWriter(output, format: format, columns: [Column("key"), Column("value")])
        let own: [(String, Cell)] = [
            ("id", .text(run.id.description)), ("name", .text(run.name)), ("status", .text(run.status.rawValue)),
            ("created", .time(run.created)), ("ended", run.ended.map { .time($0) } ?? .missing),
            ("said", endMessage.map { .text($0) } ?? .missing),
            ("host", RunColumns.hostText(run.hosts).map { .text($0) } ?? .missing),
            ("attempt", .step(run.attempt)),
            ("points", .step(run.points)), ("lost", .step(run.lostPoints)),
            ("forked_from", run.forkedFrom.map { .text($0.description) } ?? .missing),
            ("fork_step", run.forkStep.map { .step($0) } ?? .missing),
        ]
        for (key, cell) in own { try writer.row([.text(key), cell]) }
        for key in run.properties.keys where key != "name" && key != "status" {
            try writer.row([.text(key), .property(run.properties[key])])
        }
        try writer.end()
    }

    var json: JSONValue {
        func object(_ values: Properties) -> JSONValue {
            var object = JSONObject()
            for key in values.keys { object[key] = Cell.property(values[key]).value }
            return .object(object)
        }
        func extreme(_ extreme: (value: Double, step: Int)?) -> JSONValue {
            extreme.map { ["step": .int(Int64($0.step)), "value": .double($0.value)] } ?? .null
        }
        func step(_ step: Int?) -> JSONValue { step.map { .int(Int64($0)) } ?? .null }
        return [
            "id": .string(run.id.description), "name": .string(run.name), "status": .string(run.status.rawValue),
            "created": Cell.time(run.created).value, "ended": run.ended.map { Cell.time($0).value } ?? .null,
            "said": endMessage.map { .string($0) } ?? .null,
            "attempt": .int(Int64(run.attempt)), "points": .int(Int64(run.points)), "lost": .int(Int64(run.lostPoints)),
            "hosts": .array(run.hosts.map { .string($0) }),
            "processes": .array(
                processes.map {
                    [
                        "attempt": .int(Int64($0.attempt)), "rank": step($0.rank), "host": .string($0.host),
                        "status": .string($0.status.rawValue), "points": .int(Int64($0.points)),
                        "lost": .int(Int64($0.lostPoints)),
                    ]
                }),
            "forked_from": run.forkedFrom.map { .string($0.description) } ?? .null, "fork_step": step(run.forkStep),
            "note": Cell.property(run.properties["note"]).value, "tags": .array(run.tags.map { .string($0) }),
            "params": object(run.params), "values": object(run.values), "properties": object(otherProperties),
            "metrics": .array(
                statistics.map {
                    [
                        "metric": .string($0.metric.name), "context": Cell.context($0.metric).value,
                        "points": .int(Int64($0.count)), "first_step": step($0.steps?.lowerBound),
                        "last_step": step($0.steps?.upperBound), "min": extreme($0.min), "max": extreme($0.max),
                        "last": extreme($0.last), "nan": .int(Int64($0.nan)),
                    ]
                }),
            "artifacts": .array(
                artifacts.map {
                    [
                        "name": .string($0.name), "version": .string($0.version), "step": step($0.step),
                        "size": .int(Int64($0.size)), "sha256": .string($0.sha256),
                        "path": $0.path.map { .string($0) } ?? .null,
                    ]
                }),
            "text": .array(
                text.map {
                    [
                        "channel": .string($0.channel), "step": step($0.step), "time": Cell.time($0.time).value,
                        "text": .string($0.text),
                    ]
                }),
        ]
    }
}
