import VarveStatistics

/// What a band around a mean shows.
public enum Band: Hashable, Sendable {
    /// No band.
    case none
    /// From the smallest to the largest value.
    case minMax
    /// One standard deviation (of a sample, n − 1) to both sides of the mean.
    case standardDeviation
    /// The 95 % confidence interval of the mean, by Student's t.
    case confidence95
    /// From one quantile to another, both between 0 and 1; the line is the median.
    case quantiles(Double, Double)
}

/// The middle of several runs' values at one place, and how far they spread.
public struct Spread: Hashable, Sendable {
    /// How many values there are.
    public var count: Int
    /// Their mean, or the median where quantiles are asked for.
    public var middle: Double
    /// The band's lower end; nil: too few values for one.
    public var low: Double?
    /// The band's upper end; nil: too few values for one.
    public var high: Double?
}

/// Takes the values of several runs at one place in.
struct SpreadSum {
    private(set) var count = 0
    private var mean = 0.0
    /// The sum of squared distances from the mean (B. Welford, 1962).
    private var squares = 0.0
    private var low = Double.infinity
    private var high = -Double.infinity
    /// All values, where quantiles are asked for.
    private var values: [Double] = []

    /// - Parameters:
    ///   - value: the run's value here.
    ///   - extremes: the smallest and largest that it stands for.
    mutating func add(_ value: Double, extremes: (Double, Double), keepsValues: Bool) {
        count += 1
        let before = mean
        // Where the difference of two great numbers overflows, their parts don't.
        let step = (value - mean) / Double(count)
        mean += step.isFinite ? step : value / Double(count) - mean / Double(count)
        squares += (value - before) * (value - mean)
        low = min(low, extremes.0)
        high = max(high, extremes.1)
        if keepsValues { values.append(value) }
    }

    func spread(_ band: Band) -> Spread? {
        guard count > 0 else { return nil }
        var spread = Spread(count: count, middle: mean, low: nil, high: nil)
        switch band {
        case .none: break
        case .minMax: (spread.low, spread.high) = (low, high)
        case .standardDeviation, .confidence95:
            guard count > 1 else { break }
            var distance = (squares / Double(count - 1)).squareRoot()
            if band == .confidence95 {
                distance *= StudentT.quantile(0.975, degrees: Double(count - 1)) / Double(count).squareRoot()
            }
            if distance.isFinite { (spread.low, spread.high) = (mean - distance, mean + distance) }
        case .quantiles(let a, let b):
            let sample = Sample(values)
            func quantile(_ share: Double) -> Double {
                sample.quantile(max(0, min(1, share.isNaN ? 0 : share))) ?? .nan
            }
            (spread.middle, spread.low, spread.high) = (quantile(0.5), quantile(min(a, b)), quantile(max(a, b)))
        }
        return spread
    }
}
