extension LinePlot {
    /// The scale of the horizontal axis: from the smallest to the largest value that is drawn.
    var xScale: Scale {
        var range = RangeFinder(x)
        for line in lines {
            for stroke in line.strokes + line.faint { for point in stroke.points { range.take(point.x) } }
            for piece in line.band { for point in piece { range.take(point.x) } }
            for mark in line.marks { range.take(mark.x) }
        }
        return range.scale(margin: lines.contains(where: \.isDotted) ? 0.03 : 0)
    }

    /// The scale of the vertical axis, with a little room above and below.
    var yScale: Scale {
        var range = RangeFinder(y)
        for line in lines {
            for stroke in line.strokes + line.faint { for point in stroke.points { range.take(point.y) } }
            for piece in line.band {
                for point in piece {
                    range.take(point.low)
                    range.take(point.high)
                }
            }
        }
        return range.scale(margin: 0.04)
    }

    /// The kinds of marks that are drawn, in a fixed order, with their number.
    var markCounts: [(kind: Mark.Kind, count: Int)] {
        var counts: [Mark.Kind: Int] = [:]
        for line in lines { for mark in line.marks { counts[mark.kind, default: 0] += 1 } }
        return Mark.Kind.allCases.compactMap { kind in counts[kind].map { (kind, $0) } }
    }
}

/// The smallest and the largest value that has a place on an axis.
struct RangeFinder {
    private let axis: PlotAxis
    private var low = Double.infinity
    private var high = -Double.infinity

    init(_ axis: PlotAxis) { self.axis = axis }

    mutating func take(_ value: Double) {
        guard value.isFinite, !axis.isLogarithmic || value > 0 else { return }
        low = min(low, value)
        high = max(high, value)
    }

    func scale(margin: Double) -> Scale {
        if case .words(let words) = axis.kind {
            return Scale(low: -0.5, high: Double(max(1, words.count)) - 0.5, isLogarithmic: false)
        }
        let isEmpty = low > high
        var scale = Scale(
            low: axis.low ?? (isEmpty ? axis.isLogarithmic ? 1 : 0 : low),
            high: axis.high ?? (isEmpty ? axis.isLogarithmic ? 10 : 1 : high), isLogarithmic: axis.isLogarithmic)
        if margin > 0 { scale = scale.widened(by: margin, below: axis.low == nil, above: axis.high == nil) }
        return scale
    }
}
