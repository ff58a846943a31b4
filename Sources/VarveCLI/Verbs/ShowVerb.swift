import ArgumentParser
import Varve

struct ShowVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all there is to know of a run.",
        discussion: """
            Properties, processes with their ranks and hosts, metrics with their extremes and last values, artifacts, and the \
            end of its text.
            """)

    @Argument(help: ArgumentHelp("An ID, the beginning of one, or a name.", valueName: "run"))
    var wanted: String

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let info = try snapshot.run(wanted)
        let output = OutputStream()
        let format = list.format ?? .standard(for: output.terminal)
        let isWhole = format == .json || format == .jsonl
        // What a training has printed may be much, and a page shows its end.
        var (text, textBefore) = ([TextLine](), 0)
        try snapshot.forEachText(of: info.id) { line in
            text.append(line)
            guard !isWhole, text.count > 100 * RunPage.textLines else { return }
            textBefore += text.count - RunPage.textLines
            text.removeFirst(text.count - RunPage.textLines)
        }
        let page = RunPage(
            run: info, id: ShortIDs(snapshot.runIDs)[info.id],
            statistics: try snapshot.statistics(Query(runs: [info.id])),
            text: text, textBefore: textBefore, artifacts: try snapshot.artifacts(of: info.id),
            processes: snapshot.processes(of: info.id),
            forkName: info.forkedFrom.flatMap { snapshot.run($0)?.name } ?? "",
            endMessage: try snapshot.endMessage(of: info.id), now: wallTime())
        switch format {
        case .table: try page.write(to: output)
        case .json, .jsonl: try output.line(page.json.text)
        case let format: try page.writeProperties(to: output, format: format)
        }
        try output.flush()
    }
}
