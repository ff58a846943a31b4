import Varve

extension Snapshot {
    /// The steps of all points that a query finds, in the order in which they are read.
    func steps(_ query: Query = Query()) throws -> [Int] {
        let reader = try series(query)
        var steps: [Int] = []
        while let chunk = try reader.next() { for i in 0..<chunk.count { steps.append(chunk.steps[i]) } }
        return steps
    }
}
