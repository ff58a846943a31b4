import ArgumentParser
import Varve
import VarvePlot

struct PlotVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw the curves of a metric, in the terminal, as SVG or as PNG.",
        discussion: """
            A line a series; with --group-by or --over a line a group: the mean of its series at each step, with a band \
            around it. A series counts from its first step to its last, by a straight line where others have a step that it \
            has not; NaN and Inf don't count, and are marked. No spike is lost, however many points fall onto a pixel.

            Keys are params, contexts (subset, rank), name, run, status and host. --over seed alone averages what differs in \
            nothing but the seed.

            Examples:
              varve plot loss --context subset=val --over seed
              varve plot loss --where 'params.lr < 0.1' --group-by lr --band ci95 -o loss.svg
              varve plot loss --run baseline --smooth 0.9 --log-y --x relative
              varve plot accuracy --kind parallel --value max -o params.png
              varve plot step_time --kind slowest --run big
            """)

    @OptionGroup var selection: SelectionOptions

    @Argument(help: "The metric's name.")
    var metric: String

    @Option(help: "What is drawn: lines, scatter, parallel, heatmap or slowest (rank).")
    var kind = PlotRequest.Kind.lines

    @Option(
        help: ArgumentHelp("step, relative (time), wall (time), a metric; for scatter a param too.", valueName: "x"))
    var x = "step"

    @Option(
        name: [.long, .customLong("groupby")],
        help: ArgumentHelp("One line for each value of these, separated by commas.", valueName: "key,…"))
    var groupBy: [KeyList] = []

    @Option(help: ArgumentHelp("Average over these, separated by commas.", valueName: "key,…"))
    var over: [KeyList] = []

    @Option(help: "Around a mean: minmax, std, ci95, none, or two quantiles such as 0.1,0.9.")
    var band = BandChoice(band: .minMax)

    @Option(
        help: ArgumentHelp("Smooth with this weight, 0 to less than 1, as TensorBoard does.", valueName: "weight"))
    var smooth = 0.0

    @Flag(help: "Equal ratios are equal distances, on the x axis.")
    var logX = false

    @Flag(help: "Equal ratios are equal distances, on the y axis.")
    var logY = false

    @Option(parsing: .unconditional, help: "The lower end of the y axis.")
    var yMin: Double?

    @Option(parsing: .unconditional, help: "The upper end of the y axis.")
    var yMax: Double?

    @Option(help: "The number that stands for a series in scatter, parallel and heatmap: last, min or max.")
    var value = PlotRequest.Value.last

    @Option(
        help: ArgumentHelp(
            "The params of scatter, parallel and heatmap (default: those that differ).", valueName: "key,…"))
    var params: [KeyList] = []

    @Option(help: "What stands above it.")
    var title: String?

    @OptionGroup var output: PlotOutputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard smooth >= 0, smooth < 1 else { throw ValidationError("--smooth must be from 0 to less than 1") }
        for end in [yMin, yMax] {
            if let end, !end.isFinite || logY && end <= 0 {
                throw ValidationError("the ends of the y axis must be numbers that have a place on it")
            }
        }
        if let yMin, let yMax, yMin >= yMax { throw ValidationError("--y-min must be below --y-max") }
        if kind == .lines, !params.isEmpty { throw ValidationError("--params is for scatter, parallel and heatmap") }
    }

    func run() throws {
        let target = try PlotTarget(output)
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        var request = PlotRequest(try selection.query(metric, in: snapshot))
        request.kind = kind
        request.x = x
        request.groupBy = groupBy.flatMap(\.keys)
        request.over = over.flatMap(\.keys)
        request.band = band.band
        request.smoothing = smooth
        request.params = params.flatMap(\.keys)
        request.value = value
        (request.isLogX, request.isLogY) = (logX, logY)
        (request.yLow, request.yHigh) = (yMin, yMax)
        request.title = title
        request.pixels = target.pixels
        let plot: Plot
        do throws(VarveError) {
            plot = try Plot(request, in: snapshot)
        } catch {
            guard error.code == .notFound, try !snapshot.metrics().contains(where: { $0.metric.name == metric }) else {
                throw error
            }
            throw snapshot.noMetric(metric)
        }
        try target.write(plot)
    }
}

/// Names separated by commas.
struct KeyList: ExpressibleByArgument, Hashable, Sendable {
    var keys: [String]

    init?(argument: String) {
        keys = argument.split(separator: ",").map(String.init)
        if keys.isEmpty { return nil }
    }
}

/// What is drawn around a mean.
struct BandChoice: ExpressibleByArgument, Hashable, Sendable {
    var band: Band

    init(band: Band) { self.band = band }

    init?(argument: String) {
        switch argument {
        case "none": band = .none
        case "minmax", "min-max": band = .minMax
        case "std": band = .standardDeviation
        case "ci95": band = .confidence95
        case "quantiles", "iqr": band = .quantiles(0.25, 0.75)
        default:
            let ends = argument.split(separator: ",").map { Double($0) }
            guard ends.count == 2, let low = ends[0], let high = ends[1], (0...1).contains(low), (0...1).contains(high)
            else { return nil }
            band = .quantiles(low, high)
        }
    }

    var defaultValueDescription: String { "minmax" }
}

extension PlotRequest.Kind: ExpressibleByArgument {}
extension PlotRequest.Value: ExpressibleByArgument {}
extension SVGPlot.Theme: ExpressibleByArgument {}
extension TerminalStyle.Marks: ExpressibleByArgument {}
