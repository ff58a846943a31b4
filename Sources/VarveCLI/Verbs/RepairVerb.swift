import ArgumentParser
import Varve

struct RepairVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Write whole files beside damaged ones; change and remove nothing.",
        discussion: """
            A damaged log gets a copy beside it, NAME.salvaged, with everything in it that is whole, or that \
            checksums prove to have been so: it counts once you give it the damaged one's name. A damaged index is \
            made anew from the logs, and counts at once. Everything that is whole is readable without a repair, too. The exit \
            code is 1 if something is left that can't be repaired.
            """)

    @Flag(help: "Compare the index with the logs point by point first, and make it anew if they differ.")
    var deep = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let bar = ProgressBar("verifying")
        let report = try repository.repair(deep: deep) { bar.update($0) }
        bar.end()
        let output = OutputStream()
        let format = list.format ?? .table
        if format != .table || !report.written.isEmpty || !report.remaining.isEmpty {
            let writer = try ListWriter(
                output, format: format,
                columns: [
                    Column("file", maxWidth: 90), Column("what", maxWidth: 70), Column("dropped", numeric: true),
                    Column("lost", numeric: true), Column("restored", numeric: true),
                ])
            for file in report.written {
                try writer.row([
                    .text(file.file), .text("written: \(file.message)"),
                    file.source == nil ? .missing : .step(file.droppedBytes),
                    file.source == nil ? .missing : .step(file.lostPoints),
                    file.source == nil ? .missing : .step(file.restoredFrames),
                ])
            }
            for problem in report.remaining {
                try writer.row([
                    problem.file.map { .text($0) } ?? .missing, .text("left: \(problem.message)"), .missing, .missing,
                    .missing,
                ])
            }
            try writer.end()
        }
        if format == .table {
            try output.line(Self.summary(report))
            try output.flush()
        }
        if !report.remaining.isEmpty { throw Refusal() }
    }

    private static func summary(_ report: RepairReport) -> String {
        guard !report.found.isEmpty || !report.written.isEmpty else { return "fine: nothing to repair" }
        let left = report.remaining.isEmpty ? "" : ", \(HumanText.plural(report.remaining.count, "problem")) left"
        return "\(HumanText.plural(report.found.count, "problem")) found, "
            + "\(HumanText.plural(report.written.count, "file")) written\(left)"
    }
}
