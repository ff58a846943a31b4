import ArgumentParser
import Varve

struct DiskUseVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "du", abstract: "Tell how many bytes what takes.")

    @Flag(help: "Logs and journals run by run, the largest first.")
    var runs = false

    @Flag(help: "The index metric by metric, the largest first.")
    var metrics = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if runs, metrics { throw ValidationError("--runs and --metrics exclude each other") }
    }

    func run() throws {
        let repository = try common.open()
        if metrics { return try write(repository.indexUse(), of: repository) }
        if runs { return try write(repository.runUse(), of: repository.snapshot()) }
        let use = try repository.diskUse()
        let writer = try ListWriter(
            OutputStream(), format: list.format,
            columns: [Column("what"), Column("bytes", title: "SIZE", numeric: true)])
        let rows = [
            ("logs", use.logs), ("journals", use.journals), ("index", use.index), ("artifacts", use.artifacts),
            ("trash", use.trash),
        ]
        for (what, bytes) in rows { try writer.row([.text(what), .bytes(bytes)]) }
        try writer.row([.text("total"), .bytes(rows.map(\.1).reduce(0, +))])
        try writer.end()
    }

    private func write(_ bytes: [MetricKey?: Int], of repository: Repository) throws {
        let writer = try ListWriter(
            OutputStream(), format: list.format,
            columns: [Column("metric"), Column("context"), Column("bytes", title: "SIZE", numeric: true)])
        let sorted = bytes.sorted { a, b in
            if a.value != b.value { return a.value > b.value }
            guard let first = a.key, let second = b.key else { return a.key == nil && b.key != nil }
            return first < second
        }
        for (metric, size) in sorted {
            guard let metric else {
                try writer.row([.text("(steps and times)"), .missing, .bytes(size)])
                continue
            }
            try writer.row([.text(metric.name), .context(metric), .bytes(size)])
        }
        try writer.end()
        guard bytes.isEmpty, try repository.snapshot().runs.contains(where: { $0.points > 0 }) else { return }
        printNote("note: nothing is in the index yet; varve compact puts it there")
    }

    private func write(_ bytes: [RunID: Int], of snapshot: Snapshot) throws {
        let ids = ShortIDs(snapshot.runIDs)
        let infos = Dictionary(snapshot.runs.map { ($0.id, $0) }) { a, _ in a }
        let writer = try ListWriter(
            OutputStream(), format: list.format,
            columns: [
                Column("id", title: "RUN"), Column("name"), Column("points", numeric: true),
                Column("bytes", title: "SIZE", numeric: true),
            ])
        for (id, size) in bytes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            try writer.row([
                .id(id, ids), .text(infos[id]?.name ?? ""), .count(infos[id]?.points ?? 0),
                .bytes(size),
            ])
        }
        try writer.end()
    }
}
