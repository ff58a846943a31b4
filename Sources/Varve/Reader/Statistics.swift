import VarveFormat

extension Snapshot {
    /// Counts and extremes of every series that a query wants, by metric, then run.
    public func statistics(_ query: Query) throws(VarveError) -> [SeriesStatistics] {
        var query = query
        query.x = nil
        let reader = try series(query)
        var all: [SeriesStatistics] = []
        while let chunk = try reader.next() {
            if all.last?.run != chunk.run || all.last?.metric != chunk.metric {
                all.append(SeriesStatistics(run: chunk.run, metric: chunk.metric))
            }
            all[all.count - 1].take(chunk)
        }
        return all
    }

    /// Where the automatic steps of a run's series go on.
    func nextAutomaticSteps(of run: RunID) throws(VarveError) -> [MetricKey: Int64] {
        try reading { content throws(VarveError) in try content.nextAutomaticSteps(of: run) }
    }
}

extension SnapshotContent {
    fileprivate func nextAutomaticSteps(of run: RunID) throws(VarveError) -> [MetricKey: Int64] {
        var next: [MetricKey: Int64] = [:]
        let walker = SeriesWalker(self)
        for info in try metrics(of: run.id) {
            for part in try walker.parts(info.metric, run.id, nil, .all) {
                switch part.source {
                case .index(let slice): guard slice.slice.flags.contains(.automaticSteps) else { continue }
                case .tail(_, let key, _): guard key.automaticSteps else { continue }
                }
                var points = PointBuffer()
                try walker.read(part, into: &points)
                if let highest = points.steps.max(), highest < .max {
                    next[info.metric] = max(next[info.metric] ?? 0, highest + 1)
                }
            }
        }
        return next
    }
}

extension SeriesStatistics {
    init(run: RunID, metric: MetricKey) {
        self.run = run
        self.metric = metric
        count = 0
        nan = 0
        positiveInfinite = 0
        negativeInfinite = 0
    }

    mutating func take(_ chunk: SeriesChunk) {
        count += chunk.count
        for i in 0..<chunk.count {
            let (step, value) = (chunk.stepStorage[i], chunk.valueStorage[i])
            steps = steps.map { Swift.min($0.lowerBound, step)...Swift.max($0.upperBound, step) } ?? step...step
            if value.isNaN {
                nan += 1
            } else if value.isInfinite {
                if value > 0 { positiveInfinite += 1 } else { negativeInfinite += 1 }
            } else {
                if min.map({ value < $0.value }) ?? true { min = (value, step) }
                if max.map({ value > $0.value }) ?? true { max = (value, step) }
            }
        }
        if chunk.count > 0 { last = (chunk.valueStorage[chunk.count - 1], chunk.stepStorage[chunk.count - 1]) }
    }
}
