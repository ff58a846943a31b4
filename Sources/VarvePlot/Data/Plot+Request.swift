import Varve

extension Plot {
    /// The picture that a request asks for.
    ///
    /// - Throws: `notFound` if no series matches, `invalid` if what it asks for doesn't fit together, and what reading throws.
    public init(_ request: PlotRequest, in snapshot: Snapshot) throws(VarveError) {
        let table = try SeriesTable(snapshot, request.query)
        guard !table.entries.isEmpty else {
            throw VarveError(.notFound, "nothing of '\(request.metric)' matches")
        }
        switch request.kind {
        case .lines: self = try LinesMaker(table, request).plot()
        case .scatter: self = try ScatterMaker(table, request).plot()
        case .parallel: self = try ParallelMaker(table, request).plot()
        case .heatmap: self = try HeatMapMaker(table, request).plot()
        case .slowest: self = try SlowestMaker(table, request).plot()
        }
        if let title = request.title { self.title = title }
    }
}

extension SeriesTable {
    /// The metric, with what all its series' contexts have in common.
    func title(_ request: PlotRequest) -> String {
        guard let first = entries.first?.metric else { return request.metric }
        let common = first.context.filter { pair in entries.allSatisfy { $0.metric[pair.key] == pair.value } }
        let words = common.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return words.isEmpty ? request.metric : "\(request.metric) {\(words)}"
    }

    /// Positions by key.
    var indexes: [Key: Int] {
        Dictionary(entries.enumerated().map { (Key(run: $1.run.id, metric: $1.metric), $0) }) { first, _ in first }
    }
}

/// Which of many lines get a colour and a name.
enum Highlights {
    /// More colours, dashes and names than these nobody tells apart.
    static let mostLines = 14
    /// So many of the lowest and of the highest are named where there are more.
    static let ends = 3

    /// The colours of lines that end at these values: all of them get one, or those at the ends.
    static func colours(lastValues: [Double?]) -> [Int?] {
        if lastValues.count <= mostLines { return lastValues.indices.map { $0 } }
        let order = lastValues.indices.filter { lastValues[$0]?.isFinite ?? false }.sorted { a, b in
            let (x, y) = (lastValues[a] ?? 0, lastValues[b] ?? 0)
            return x != y ? x > y : a < b
        }
        var colours: [Int?] = Array(repeating: nil, count: lastValues.count)
        let chosen = Array(order.prefix(ends)) + Array(order.dropFirst(ends).suffix(ends))
        for (colour, index) in chosen.enumerated() { colours[index] = colour }
        return colours
    }
}
