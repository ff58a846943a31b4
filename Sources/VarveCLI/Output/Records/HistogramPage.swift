import Varve
import VarvePlot

/// A histogram as it is shown: as bars, as a list, as a picture.
struct HistogramPage {
    let metric: MetricKey
    let histogram: Histogram
    let steps: Set<Int>
    let runs: [RunInfo]

    private var title: String {
        var words = ["\(metric)"]
        if steps.count == 1, let step = steps.first { words.append("step \(step)") }
        words.append(runs.count == 1 ? runs[0].name : "sum of \(runs.count) runs")
        return words.joined(separator: " · ")
    }

    /// The outline of the bars. Bins that reach to infinity have no width, and are told in a note.
    var plot: Plot {
        var line = LinePlot.Line(name: metric.description, colour: 0)
        var points: [PlotPoint] = []
        var outside = 0.0
        for (i, count) in histogram.counts.enumerated() {
            let (low, high) = (histogram.edges[i], histogram.edges[i + 1])
            guard low.isFinite, high.isFinite else {
                outside += count
                continue
            }
            if points.isEmpty { points.append(PlotPoint(low, 0)) }
            points += [PlotPoint(low, count), PlotPoint(high, count)]
        }
        if let last = points.last { points.append(PlotPoint(last.x, 0)) }
        if !points.isEmpty { line.strokes = [LinePlot.Stroke(points)] }
        return Plot(
            title: title, notes: outside > 0 ? ["\(HumanText.number(outside)) values beyond the finite edges"] : [],
            content: .lines(LinePlot(x: PlotAxis(metric.name), y: PlotAxis("count", low: 0), lines: [line])))
    }

    /// A line a bin, with a bar.
    func write(to output: OutputStream) throws {
        let width = Screen(descriptor: 1).columns ?? 80
        let most = histogram.counts.max() ?? 0
        try output.line(output.terminal.styled(HumanText.harmless(title), .bold))
        let names = histogram.counts.indices.map { i in
            "\(HumanText.number(histogram.edges[i], digits: 5)) … \(HumanText.number(histogram.edges[i + 1], digits: 5))"
        }
        let counts = histogram.counts.map { HumanText.number($0) }
        let margin = names.map(HumanText.width).max() ?? 0
        let figures = counts.map(HumanText.width).max() ?? 0
        let room = max(5, min(60, width - margin - figures - 5))
        for (i, count) in histogram.counts.enumerated() {
            let eighths = most == 0 ? 0 : Int((count / most * Double(room * 8)).rounded())
            let bar =
                String(repeating: "█", count: eighths / 8)
                + (eighths % 8 == 0 ? "" : String(["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1]))
            let spaces = String(repeating: " ", count: margin - HumanText.width(names[i]))
            let more = String(repeating: " ", count: figures - HumanText.width(counts[i]))
            try output.line("\(spaces)\(names[i])  \(more)\(counts[i])  \(output.terminal.styled(bar, .blue))")
        }
    }

    func writeList(to output: OutputStream, _ format: ListFormat) throws {
        let writer = try ListWriter(
            output, format: format,
            columns: [Column("low", numeric: true), Column("high", numeric: true), Column("count", numeric: true)])
        for (i, count) in histogram.counts.enumerated() {
            try writer.row([.number(histogram.edges[i]), .number(histogram.edges[i + 1]), .whole(count)])
        }
        try writer.end()
    }

    var json: JSONValue {
        var object = JSONObject()
        object["metric"] = .string(metric.name)
        var context = JSONObject()
        for pair in metric.context { context[pair.key] = .string(pair.value) }
        object["context"] = .object(context)
        object["steps"] = .array(steps.sorted().map { .int(Int64($0)) })
        object["runs"] = .array(runs.map { .string($0.id.description) })
        object["edges"] = .array(histogram.edges.map { .double($0) })
        object["counts"] = .array(histogram.counts.map { Cell.whole($0).value })
        return .object(object)
    }
}
