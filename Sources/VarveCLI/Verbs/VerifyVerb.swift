import ArgumentParser
import Varve

struct VerifyVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte that has a checksum.",
        discussion: """
            The exit code is 1 if something is damaged. Everything else stays readable; nothing is changed. Notes tell what is no \
            damage and good to know, such as an import that was killed; they don't change the exit code.
            """)

    @Flag(help: "Also compare the index with the logs, point by point and property by property.")
    var deep = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let bar = ProgressBar("verifying")
        let report = try repository.verify(deep: deep) { bar.update($0) }
        bar.end()
        let output = OutputStream()
        let format = list.format ?? .table
        let findings = report.problems.map { ($0, "problem") } + report.notes.map { ($0, "note") }
        if format != .table || !findings.isEmpty {
            let writer = try ListWriter(
                output, format: format,
                columns: [
                    Column("file", maxWidth: 80), Column("offset", numeric: true), Column("problem", maxWidth: 80),
                    Column("expected", maxWidth: 60), Column("found", maxWidth: 60), Column("kind"),
                ])
            for (finding, kind) in findings {
                try writer.row([
                    finding.file.map { .text($0) } ?? .missing, finding.offset.map { .step($0) } ?? .missing,
                    .text(finding.message), finding.expected.map { .text($0) } ?? .missing,
                    finding.found.map { .text($0) } ?? .missing, .text(kind),
                ])
            }
            try writer.end()
        }
        if format == .table {
            let checked =
                "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)), \(HumanText.plural(report.points, "point"))"
                + (report.notes.isEmpty ? "" : "; \(HumanText.plural(report.notes.count, "note"))")
            if report.problems.isEmpty {
                try output.line("fine: \(checked)")
            } else {
                try output.line("damaged: \(HumanText.plural(report.problems.count, "problem")) in \(checked)")
            }
            try output.flush()
        }
        if !report.problems.isEmpty { throw Refusal() }
    }
}
