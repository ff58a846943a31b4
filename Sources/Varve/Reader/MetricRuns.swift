import VarveFormat

/// Walks the runs that have one metric: those of all segments and those outside the index, merged, oldest first.
final class MetricRuns {
    let metric: MetricKey
    /// The run at hand, and its slices in the segments.
    private(set) var run = UniqueID.zero
    private(set) var slices: [IndexedSlice] = []
    private let plan: SeriesPlan
    private var sources: [Source] = []
    private let outside: [UniqueID]
    private var nextOutside = 0

    private struct Source {
        var segment: Int
        var iterator: SliceIterator
        var peeked: SliceRef?
    }

    init(_ plan: SeriesPlan, _ metric: MetricKey, _ walker: SeriesWalker) throws(VarveError) {
        self.plan = plan
        self.metric = metric
        outside = plan.runsOutsideIndex(metric).filter { plan.wants(metric, $0) }
        let wanted = plan.runs(of: metric)
        for (number, segment) in plan.content.segments.enumerated() {
            guard let position = segment.metrics.position(of: metric) else { continue }
            let rows = wanted.map { $0.compactMap { segment.row(of: $0) }.sorted() }
            if let rows, rows.isEmpty { continue }
            var source = Source(
                segment: number, iterator: SliceIterator(walker.cursor(number), metric: position, runs: rows))
            source.peeked = try source.iterator.next()
            if source.peeked != nil { sources.append(source) }
        }
    }

    /// Moves on to the next run; nil at the end.
    func next() throws(VarveError) -> UniqueID? {
        let segments = plan.content.segments
        var lowest: UniqueID? = nextOutside < outside.count ? outside[nextOutside] : nil
        for source in sources {
            guard let slice = source.peeked else { continue }
            let run = segments[source.segment].runs[slice.run]
            if lowest.map({ run < $0 }) ?? true { lowest = run }
        }
        guard let lowest else { return nil }
        if nextOutside < outside.count, outside[nextOutside] == lowest { nextOutside += 1 }
        slices.removeAll(keepingCapacity: true)
        for i in sources.indices {
            while let slice = sources[i].peeked, segments[sources[i].segment].runs[slice.run] == lowest {
                slices.append(IndexedSlice(segment: sources[i].segment, slice: slice))
                sources[i].peeked = try sources[i].iterator.next()
            }
        }
        run = lowest
        return lowest
    }
}

/// A slice in one of the segments.
struct IndexedSlice {
    var segment: Int
    var slice: SliceRef
}
