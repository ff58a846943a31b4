import Varve

extension Snapshot {
    /// The runs that a query may show, oldest first.
    func runs(of query: Query) -> [RunInfo] {
        guard let wanted = query.runs.map({ Set($0) }) else { return runs }
        return runs.filter { wanted.contains($0.id) }
    }
}
