/// One series put onto the steps at which runs are compared.
struct BinnedSeries {
    private var sums: [Double]
    private var places: [Double]
    private var counts: [Int]
    private(set) var lows: [Double]
    private(set) var highs: [Double]
    private var oddities: [LinePlot.Mark.Kind?]

    init(count: Int) {
        sums = Array(repeating: 0, count: count)
        places = sums
        counts = Array(repeating: 0, count: count)
        lows = Array(repeating: .infinity, count: count)
        highs = Array(repeating: -.infinity, count: count)
        oddities = Array(repeating: nil, count: count)
    }

    /// Adds a point at place `x`.
    mutating func add(bin: Int, x: Double, value: Double) {
        guard value.isFinite, x.isFinite else {
            if let kind = LinePlot.Mark.Kind(of: value, isLogarithmic: false) { oddities[bin] = kind }
            return
        }
        counts[bin] += 1
        // Running means, so that sums of great values don't overflow.
        let share = 1 / Double(counts[bin])
        sums[bin] += value * share - sums[bin] * share
        places[bin] += x * share - places[bin] * share
        lows[bin] = min(lows[bin], value)
        highs[bin] = max(highs[bin], value)
    }

    /// What the series says at one of the steps.
    struct Value: Hashable {
        var x: Double
        var value: Double
        var low: Double
        var high: Double
    }

    /// Its values: where it has points their mean, between two of them a straight line, elsewhere nothing. No line leads over a
    /// value that isn't finite.
    ///
    /// - Parameter position: where the steps lie, for straight lines.
    func values(_ position: (Int) -> Double) -> [Value?] {
        var values: [Value?] = Array(repeating: nil, count: counts.count)
        var before: Int?
        for bin in counts.indices {
            if counts[bin] == 0 {
                if oddities[bin] != nil { before = nil }
                continue
            }
            values[bin] = Value(x: places[bin], value: sums[bin], low: lows[bin], high: highs[bin])
            if let before, before + 1 < bin {
                let (start, end) = (position(before), position(bin))
                for between in (before + 1)..<bin {
                    let share = end > start ? (position(between) - start) / (end - start) : 0.5
                    func mixed(_ a: Double, _ b: Double) -> Double { a * (1 - share) + b * share }
                    let value = mixed(sums[before], sums[bin])
                    values[between] = Value(
                        x: mixed(places[before], places[bin]), value: value, low: value, high: value)
                }
            }
            before = bin
        }
        return values
    }

    /// Whether it has a point there, be it finite or not.
    func hasPoint(_ bin: Int) -> Bool { counts[bin] > 0 || oddities[bin] != nil }

    /// Where values weren't finite, and what they were.
    var marks: [(bin: Int, kind: LinePlot.Mark.Kind)] {
        oddities.indices.compactMap { bin in oddities[bin].map { (bin, $0) } }
    }
}

/// The series of a group, at each of the steps.
struct GroupSums {
    private(set) var spreads: [SpreadSum]
    private var places: [Double]
    /// A bit for each kind of mark, by step.
    private var marks: [UInt8]
    /// How many series there were.
    private(set) var series = 0

    init(count: Int) {
        spreads = Array(repeating: SpreadSum(), count: count)
        places = Array(repeating: 0, count: count)
        marks = Array(repeating: 0, count: count)
    }

    mutating func add(_ binned: BinnedSeries, keepsValues: Bool, _ position: (Int) -> Double) {
        series += 1
        for (bin, value) in binned.values(position).enumerated() {
            guard let value else { continue }
            spreads[bin].add(value.value, extremes: (value.low, value.high), keepsValues: keepsValues)
            places[bin] += (value.x - places[bin]) / Double(spreads[bin].count)
        }
        for (bin, kind) in binned.marks { marks[bin] |= 1 << UInt8(kind.rawValue) }
    }

    /// The line through the middle, its band and its marks.
    ///
    /// - Parameters:
    ///   - used: the steps that any series has; at others nothing is drawn.
    ///   - place: where a step lies on the axis; nil: at the mean of what the series say.
    func line(_ band: Band, isLogY: Bool, used: [Bool], place: ((Int) -> Double)?) -> (
        strokes: [LinePlot.Stroke], band: [[LinePlot.BandPoint]], marks: [LinePlot.Mark]
    ) {
        var strokes: [LinePlot.Stroke] = []
        var bands: [[LinePlot.BandPoint]] = []
        var found: [LinePlot.Mark] = []
        var (isOpen, isBandOpen) = (false, false)
        func x(_ bin: Int) -> Double { place?(bin) ?? places[bin] }
        for bin in spreads.indices where used[bin] {
            guard let spread = spreads[bin].spread(band), spread.middle.isFinite else {
                (isOpen, isBandOpen) = (false, false)
                continue
            }
            if let low = spread.low, let high = spread.high, low.isFinite, high.isFinite {
                if !isBandOpen { bands.append([]) }
                bands[bands.count - 1].append(LinePlot.BandPoint(x: x(bin), low: low, high: high))
                isBandOpen = true
            } else {
                isBandOpen = false
            }
            if isLogY, spread.middle <= 0 {
                found.append(LinePlot.Mark(x: x(bin), .notPositive))
                isOpen = false
                continue
            }
            let point = PlotPoint(x(bin), spread.middle)
            let isPartial = spread.count < series
            if isOpen, let last = strokes.indices.last, strokes[last].isPartial == isPartial {
                strokes[last].points.append(point)
            } else if isOpen, let before = strokes.last?.points.last {
                strokes.append(LinePlot.Stroke([before, point], isPartial: isPartial))
            } else {
                strokes.append(LinePlot.Stroke([point], isPartial: isPartial))
            }
            isOpen = true
        }
        for kind in LinePlot.Mark.Kind.allCases {
            for bin in marks.indices where marks[bin] & 1 << UInt8(kind.rawValue) != 0 {
                if place != nil || spreads[bin].count > 0 { found.append(LinePlot.Mark(x: x(bin), kind)) }
            }
        }
        return (strokes, bands.filter { $0.count > 1 }, found)
    }
}
