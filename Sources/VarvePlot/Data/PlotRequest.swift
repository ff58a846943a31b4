import Varve

/// What a person wants to see of a metric.
public struct PlotRequest: Sendable {
    /// Which points of which runs; the metric must be named.
    public var query: Query
    /// The kind of picture.
    public var kind = Kind.lines
    /// What lies over the horizontal axis: `step`, `relative`, `wall`, or a metric (of a scatter plot: a param too).
    public var x = "step"
    /// Keys by whose values series are put together and averaged.
    public var groupBy: [String] = []
    /// Keys over which series are averaged.
    public var over: [String] = []
    /// What is drawn around averages.
    public var band = Band.minMax
    /// What of an exponential average stays at each point; 0: nothing is smoothed.
    public var smoothing = 0.0
    /// The params of plots that compare runs; empty: those that vary.
    public var params: [String] = []
    /// Which single value stands for a series, in plots that compare runs.
    public var value = Value.last
    /// Whether the horizontal axis is logarithmic.
    public var isLogX = false
    /// Whether the vertical axis is logarithmic.
    public var isLogY = false
    /// Fixed ends of the vertical axis.
    public var yLow: Double?
    /// Fixed ends of the vertical axis.
    public var yHigh: Double?
    /// What stands above the picture; nil: what it shows.
    public var title: String?
    /// How many pixels, or dots, there are across.
    public var pixels = 800

    /// Kinds of pictures.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Lines over steps, times or another metric.
        case lines
        /// A dot a run: a param or metric across, the metric's value upright.
        case scatter
        /// Parallel coordinates: params and the metric's value, a line a run.
        case parallel
        /// Two params, the metric's value as colour; or steps and ranks.
        case heatmap
        /// The largest value over ranks at each step, and whose it is.
        case slowest
    }

    /// Which single value stands for a series.
    public enum Value: String, Hashable, Sendable, CaseIterable {
        /// The last one, in the run's order.
        case last
        /// The smallest finite one.
        case min
        /// The largest finite one.
        case max

        func of(_ statistics: SeriesStatistics) -> Double? {
            switch self {
            case .last: statistics.last?.value
            case .min: statistics.min?.value
            case .max: statistics.max?.value
            }
        }
    }

    /// Lines of a query's series.
    public init(_ query: Query) { self.query = query }

    /// The metric's name.
    var metric: String { query.metric ?? "" }
}
