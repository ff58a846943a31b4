import Varve

/// What runs have beside points, one by one, for exports: what `body` throws ends the reading.
extension Snapshot {
    /// The records of a run that a query's metric, context and steps allow.
    func forEachRecord(
        of run: RunID, in query: Query, _ body: (Record) throws(VarveError) -> Void
    ) throws(VarveError) {
        var failure: VarveError?
        try forEachRecord(of: run, where: { failure == nil && query.allows($0, step: $1) }) { record in
            guard failure == nil else { return }
            do throws(VarveError) { try body(record) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The text of a run.
    func forEachLine(of run: RunID, _ body: (TextLine) throws(VarveError) -> Void) throws(VarveError) {
        var failure: VarveError?
        try forEachText(of: run) { line in
            guard failure == nil else { return }
            do throws(VarveError) { try body(line) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

extension Query {
    /// Whether a record of this metric and step is among what is asked for.
    func allows(_ metric: MetricKey, step: Int?) -> Bool {
        if let name = self.metric, !metric.isNamed(name) { return false }
        if let steps, !(step.map(steps.contains) ?? false) { return false }
        return metric.has(context)
    }
}
