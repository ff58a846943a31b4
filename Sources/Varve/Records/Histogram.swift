import VarveFormat

/// How many values fell between which edges.
public struct Histogram: Hashable, Sendable {
    var stored: StoredHistogram

    /// Where bins begin and end: one more than there are bins, ascending.
    public var edges: [Double] { stored.edges }
    /// How many values each bin has. A value on an edge belongs to the bin above, at the last edge to the last bin.
    public var counts: [Double] { stored.counts }

    init(_ stored: StoredHistogram) { self.stored = stored }

    /// A histogram that somebody else counted.
    ///
    /// - Parameters:
    ///   - edges: not descending; only the first and the last may be infinite.
    ///   - counts: one less than edges, from 0 on; they need not be whole.
    /// - Throws: `invalid` if these can't be a histogram's; `limit` if it has more than 65,536 bins.
    public init(edges: [Double], counts: [Double]) throws(VarveError) {
        guard counts.count <= FormatConstants.maxHistogramBins else {
            throw VarveError(
                .limit, "a histogram can't have that many bins",
                expected: "at most \(FormatConstants.maxHistogramBins)", found: "\(counts.count)")
        }
        guard !counts.isEmpty, edges.count == counts.count + 1 else {
            throw VarveError(
                .invalid, "a histogram has one edge more than it has bins",
                expected: "\(counts.count + 1) edges of at least one bin", found: "\(edges.count)")
        }
        guard StoredHistogram.isAscending(edges) else {
            throw VarveError(
                .invalid, "the edges of a histogram ascend", expected: "numbers that don't descend", found: "others")
        }
        for count in counts where !(count >= 0 && count.isFinite) {
            throw VarveError(
                .invalid, "a histogram can't hold this count", expected: "a number from 0 on", found: "\(count)")
        }
        stored = StoredHistogram(edges: edges, counts: counts)
    }

    /// Counts values in bins of one width from the smallest to the largest; NaN and infinities are left out.
    ///
    /// - Throws: `invalid` if no value is left; `limit` if `bins` is above 65,536.
    public init(of values: some Sequence<Double>, bins: Int = 64) throws(VarveError) {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), bins > 0 else {
            throw VarveError(.invalid, "a histogram needs values and bins", expected: "at least one of each")
        }
        guard bins <= FormatConstants.maxHistogramBins else {
            throw VarveError(
                .limit, "a histogram can't have that many bins",
                expected: "at most \(FormatConstants.maxHistogramBins)", found: "\(bins)")
        }
        // Weighted, so that the difference of the largest and the smallest double is no infinity.
        var edges = (0...bins).map { i in
            let share = Double(i) / Double(bins)
            return low * (1 - share) + high * share
        }
        edges[0] = low
        edges[bins] = high
        // Rounding must not let one edge fall below the one before it.
        for i in 1...bins { edges[i] = min(high, max(edges[i], edges[i - 1])) }
        var counts = [Double](repeating: 0, count: bins)
        for value in finite {
            var (first, last) = (0, bins)
            while first + 1 < last {
                let middle = (first + last) / 2
                if value >= edges[middle] { first = middle } else { last = middle }
            }
            counts[first] += 1
        }
        try self.init(edges: edges, counts: counts)
    }

    /// How many values there are in all.
    public var total: Double { counts.reduce(0, +) }

    /// The sum of several histograms of the same edges.
    ///
    /// - Throws: `invalid` if there is none, or if their edges differ.
    public static func sum(_ histograms: [Histogram]) throws(VarveError) -> Histogram {
        guard let first = histograms.first else {
            throw VarveError(.invalid, "the sum of histograms needs one at least", expected: "a histogram")
        }
        var counts = first.counts
        for other in histograms.dropFirst() {
            guard other.edges == first.edges else {
                throw VarveError(
                    .invalid, "only histograms of the same edges can be added",
                    expected: "\(first.edges.count) edges from \(first.edges[0])",
                    found: "\(other.edges.count) from \(other.edges[0])")
            }
            for i in counts.indices { counts[i] += other.counts[i] }
        }
        return try Histogram(edges: first.edges, counts: counts)
    }
}
