import Varve

/// Points of one metric in one context of a run.
struct WideSeries {
    var column: Int
    var steps: [Int64] = []
    var times: [Int64] = []
    var values: [Double] = []

    init(column: Int) { self.column = column }

    mutating func append(_ view: borrowing SeriesView) {
        view.steps.withUnsafeBufferPointer { source in
            source.withMemoryRebound(to: Int64.self) { steps.append(contentsOf: $0) }
        }
        view.times.withUnsafeBufferPointer { times.append(contentsOf: $0) }
        view.values.withUnsafeBufferPointer { values.append(contentsOf: $0) }
    }

    /// Of each step only its last point, by step.
    func lastPerStep() -> WideSeries {
        if zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) { return self }
        let order = steps.indices.sorted { (steps[$0], $0) < (steps[$1], $1) }
        var result = WideSeries(column: column)
        for (position, index) in order.enumerated() {
            if position + 1 < order.count, steps[order[position + 1]] == steps[index] { continue }
            result.steps.append(steps[index])
            result.times.append(times[index])
            result.values.append(values[index])
        }
        return result
    }
}

/// Joins the series of a run and context by step, and hands the rows out some at a time.
struct WideRows {
    private let columnCount: Int
    private let limit: Int
    private let labels: ExportLabels

    private var runs: [TableBatch.TextRun] = []
    private var names: [TableBatch.TextRun] = []
    private var contexts: [TableBatch.TextRun] = []
    private var steps: [Int64] = []
    private var times: [Int64] = []
    /// By column; empty: no row at hand has one.
    private var values: [[Double]]
    private var present: [[UInt8]]

    init(columns: Int, limit: Int, _ labels: ExportLabels) {
        columnCount = columns
        self.limit = limit
        self.labels = labels
        values = Array(repeating: [], count: columns)
        present = values.map { _ in [] }
    }

    mutating func append(
        _ run: RunID, _ cells: WideTable.Cells, _ body: (TableBatch) throws(VarveError) -> Void
    ) throws(VarveError) {
        for context in cells.keys.sorted(by: { MetricKey.precedes($0, $1) }) {
            let series = (cells[context] ?? []).map { $0.lastPerStep() }
            let rows = Self.union(series)
            var next = [Int](repeating: 0, count: series.count)
            var start = 0
            while start < rows.count {
                let end = min(rows.count, start + limit - steps.count)
                append(run, context, rows[start..<end], series, &next)
                start = end
                if steps.count == limit { try flush(body) }
            }
        }
    }

    /// The steps of all series, each once, ascending.
    private static func union(_ series: [WideSeries]) -> [Int64] {
        guard let first = series.first else { return [] }
        // Mostly all have the same steps.
        if series.allSatisfy({ $0.steps == first.steps }) { return first.steps }
        var all: [Int64] = []
        all.reserveCapacity(series.reduce(0) { $0 + $1.steps.count })
        for one in series { all += one.steps }
        all.sort()
        var count = 0
        for step in all where count == 0 || all[count - 1] != step {
            all[count] = step
            count += 1
        }
        all.removeLast(all.count - count)
        return all
    }

    private mutating func append(
        _ run: RunID, _ context: [MetricKey.ContextPair], _ rows: ArraySlice<Int64>, _ series: [WideSeries],
        _ next: inout [Int]
    ) {
        let first = steps.count
        let (runNumber, name) = labels.numbers(run)
        runs.append(runNumber, count: rows.count)
        names.append(name, count: rows.count)
        contexts.append(labels.number(ofContext: context), count: rows.count)
        steps += rows
        times += repeatElement(Int64.min, count: rows.count)
        for (i, one) in series.enumerated() {
            if values[one.column].isEmpty {
                values[one.column] = [Double](repeating: 0, count: limit)
                present[one.column] = [UInt8](repeating: 0, count: (limit + 7) / 8)
            }
            var at = next[i]
            for (offset, step) in rows.enumerated() {
                guard at < one.steps.count else { break }
                guard one.steps[at] == step else { continue }
                let row = first + offset
                values[one.column][row] = one.values[at]
                present[one.column][row >> 3] |= 1 << UInt8(row & 7)
                times[row] = max(times[row], one.times[at])
                at += 1
            }
            next[i] = at
        }
    }

    /// Hands out what is left.
    mutating func flush(_ body: (TableBatch) throws(VarveError) -> Void) throws(VarveError) {
        let count = steps.count
        guard count > 0 else { return }
        let texts = labels.texts
        var columns: [TableBatch.Values] = [
            .texts(runs, texts.runs), .texts(names, texts.names), .texts(contexts, texts.contexts), .integers(steps),
            .times(times),
        ]
        let bytes = (count + 7) / 8
        let (none, noBits) = ([Double](repeating: 0, count: count), [UInt8](repeating: 0, count: bytes))
        for column in 0..<columnCount {
            if values[column].isEmpty {
                columns.append(.optionalNumbers(none, present: noBits))
            } else {
                columns.append(
                    .optionalNumbers(Array(values[column][..<count]), present: Array(present[column][..<bytes])))
                (values[column], present[column]) = ([], [])
            }
        }
        let batch = TableBatch(rows: count, columns: columns)
        (runs, names, contexts, steps, times) = ([], [], [], [], [])
        try body(batch)
    }
}

extension MetricKey {
    /// The order of contexts: by their pairs, bytewise.
    static func precedes(_ a: [ContextPair], _ b: [ContextPair]) -> Bool {
        MetricKey(name: "", sortedContext: a) < MetricKey(name: "", sortedContext: b)
    }
}
