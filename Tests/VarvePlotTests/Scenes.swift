import VarveFiles

@testable import VarvePlot

/// Pictures to draw in tests.
enum Scenes {
    static func line(_ name: String, _ colour: Int?, _ points: [(Double, Double)]) -> LinePlot.Line {
        var line = LinePlot.Line(name: name, colour: colour)
        line.strokes = points.isEmpty ? [] : [LinePlot.Stroke(points.map { PlotPoint($0.0, $0.1) })]
        return line
    }

    static let lines: Plot = {
        var a = line("0.01", 0, (0...40).map { (Double($0), 1 / (1 + Double($0) / 8)) })
        a.band = [
            (0...40).map {
                LinePlot.BandPoint(x: Double($0), low: 0.8 / (1 + Double($0) / 8), high: 1.2 / (1 + Double($0) / 8))
            }
        ]
        a.marks = [LinePlot.Mark(x: 12, .positiveInfinite)]
        var b = line("0.1", 1, (0...18).map { (Double($0), 0.9 - Double($0) / 50) })
        b.strokes.append(
            LinePlot.Stroke((22...40).map { PlotPoint(Double($0), 0.3 + Double($0 % 3) / 20) }, isPartial: true))
        b.faint = [LinePlot.Stroke((0...40).map { PlotPoint(Double($0), 0.5 + Double($0 % 2) / 10) })]
        b.marks = [LinePlot.Mark(x: 20, .nan)]
        return Plot(
            title: "loss {subset=val}", notes: ["mean of 3 series over seed, band: min to max"],
            content: .lines(
                LinePlot(x: PlotAxis("step", .step), y: PlotAxis("loss"), legendTitle: "lr", lines: [a, b])))
    }()

    static let scatter: Plot = {
        var dots = LinePlot.Line(name: "adam", colour: 0)
        dots.isDotted = true
        dots.strokes = [(0.001, 0.5), (0.01, 0.2), (0.1, 0.4)].map { LinePlot.Stroke([PlotPoint($0.0, $0.1)]) }
        return Plot(
            title: "loss by lr",
            content: .lines(
                LinePlot(
                    x: PlotAxis("lr", isLogarithmic: true), y: PlotAxis("last of loss"), legendTitle: "opt",
                    lines: [dots])))
    }()

    static let parallel = Plot(
        title: "accuracy",
        content: .parallel(
            ParallelPlot(
                axes: [
                    PlotAxis("lr", isLogarithmic: true), PlotAxis("opt", .words(["adam", "sgd"])),
                    PlotAxis("last of accuracy"),
                ],
                rows: [[0.001, 0, 0.8], [0.01, 1, 0.9], [0.1, 0, 0.7], [nil, 1, 0.75], [0.1, 1, nil]])))

    static let heatMap = Plot(
        title: "loss by lr and batch",
        content: .heatMap(
            HeatMap(
                columnTitle: "lr", columns: ["0.001", "0.01", "0.1"], rowTitle: "batch", rows: ["16", "32"],
                valueTitle: "last of loss", values: [[0.5, 0.25, .nan], [0.4, nil, 0.1]])))

    static let all = [("lines", lines), ("scatter", scatter), ("parallel", parallel), ("heatmap", heatMap)]
}
