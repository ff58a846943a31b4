import ArgumentParser
import Varve

struct CompactVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Bring what was logged into the index, where it is read fastest.",
        discussion: """
            The logs stay as they are; the index can be deleted and built again at any time. Nothing has to be stopped for it.
            """)

    @Flag(help: "Go on for ever: look for new data every few seconds.")
    var watch = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let repository = try common.open()
        let output = OutputStream()
        repeat {
            let start = monotonicTime()
            let bar = ProgressBar("compacting")
            var options = CompactionOptions()
            options.progress = { bar.update($0) }
            let report = try repository.compact(options)
            bar.end()
            let didNothing = report.built == 0 && report.merged == 0
            if !didNothing || !watch {
                try output.line(Self.text(report, seconds: Double(monotonicTime() - start) / 1e9))
                try output.flush()
            }
            if watch, didNothing { try await Task.sleep(for: .seconds(2)) }
        } while watch
    }

    static func text(_ report: CompactionReport, seconds: Double) -> String {
        let segments = HumanText.plural(report.segments, "segment")
        guard report.built > 0 || report.merged > 0 else {
            return "nothing to do: the index is up to date (\(segments))"
        }
        var parts = [
            "\(HumanText.plural(report.points, "point")) added in \(HumanText.duration(seconds: seconds))",
            "\(HumanText.bytes(report.bytes)) written",
        ]
        if report.merged > 0 { parts.append("\(report.merged) merged") }
        return parts.joined(separator: ", ") + "; the index has \(segments)"
    }
}
