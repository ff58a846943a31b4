import ArgumentParser
import Varve

struct VerifyVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte that has a checksum.",
        discussion: "The exit code is 1 if something is damaged. Everything else stays readable; nothing is changed.")

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
        if format != .table || !report.problems.isEmpty {
            let writer = try ListWriter(
                output, format: format,
                columns: [
                    Column("file", maxWidth: 80), Column("offset", numeric: true), Column("problem", maxWidth: 80),
                    Column("expected", maxWidth: 60), Column("found", maxWidth: 60),
                ])
            for problem in report.problems {
                try writer.row([
                    problem.file.map { .text($0) } ?? .missing, problem.offset.map { .step($0) } ?? .missing,
                    .text(problem.message), problem.expected.map { .text($0) } ?? .missing,
                    problem.found.map { .text($0) } ?? .missing,
                ])
            }
            try writer.end()
        }
        if format == .table {
            let checked =
                "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)), \(HumanText.plural(report.points, "point"))"
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
