import ArgumentParser
import Varve
import VarvePlot

struct HistogramVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histogram", abstract: "Show histograms that were logged.",
        discussion: """
            Of each run the one that was logged last, or that of --step; those of several runs, which must have the same \
            edges, are added up. On a terminal bars; in a pipe a line a bin: low, high, count. -o draws the outline.

            Examples:
              varve histogram baseline --name weights/layer1
              varve histogram baseline --name weights/layer1 --step 1000 -o weights.svg
            """)

    @OptionGroup var records: RecordOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        let runs = try records.runs(in: snapshot)
        var found: [MetricKey: HistogramPage] = [:]
        for run in runs {
            for (metric, record) in try snapshot.lastRecords(of: run.id, records.choice(.histogram)) {
                guard case .histogram(let histogram) = record.content else { continue }
                let steps = record.step.map { Set([$0]) } ?? []
                guard let known = found[metric] else {
                    found[metric] = HistogramPage(metric: metric, histogram: histogram, steps: steps, runs: [run])
                    continue
                }
                found[metric] = HistogramPage(
                    metric: metric, histogram: try Histogram.sum([known.histogram, histogram]),
                    steps: known.steps.union(steps), runs: known.runs + [run])
            }
        }
        common.warn(snapshot)
        let pages = found.values.sorted { $0.metric < $1.metric }
        guard !pages.isEmpty else { throw try records.nothing(.histogram, of: runs, in: snapshot) }
        if picture.path != nil {
            _ = try picture.draw(only(pages).plot)
            return
        }
        let output = OutputStream()
        switch list.format ?? .standard(for: output.terminal) {
        case .table:
            for (i, page) in pages.enumerated() {
                if i > 0 { try output.line() }
                try page.write(to: output)
            }
        case .json: try output.line(JSONValue.array(pages.map(\.json)).text)
        case .jsonl: for page in pages { try output.line(page.json.text) }
        case let format: try only(pages).writeList(to: output, format)
        }
        try output.flush()
    }

    private func only(_ pages: [HistogramPage]) throws -> HistogramPage {
        guard pages.count == 1 else {
            let names = pages.prefix(10).map { "\($0.metric)" }.joined(separator: ", ")
            throw VarveError(
                .invalid, "there are \(pages.count) histograms, and room for one", found: names,
                remedy: "--name and --context choose; --format jsonl takes all")
        }
        return pages[0]
    }
}
