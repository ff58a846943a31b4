import Varve

/// The wide form: a row for each run, context and step, a column for each name of a metric.
///
/// Rows are by run, oldest first, then by context, then by step. Of a step that a series has several times its last point counts;
/// the row's time is the latest of its points'. A metric called like one of the first columns gets `metric.` before its name;
/// names that differ by their case alone are told apart by a number behind, since some readers ignore case.
struct WideTable {
    static let firstColumns = [
        TableColumn(name: "run", kind: .text), TableColumn(name: "name", kind: .text),
        TableColumn(name: "context", kind: .text), TableColumn(name: "step", kind: .integer),
        TableColumn(name: "time", kind: .time),
    ]

    let columns: [TableColumn]
    /// The names of the metrics, a column each.
    private let numbers: [ExactText: Int]
    /// How many points each run has, oldest run first.
    private let counts: [(run: RunID, points: Int)]
    private let snapshot: Snapshot
    private let query: Query

    /// Points that are in memory at once, where no single step has more.
    let budget: Int

    /// Reads which series there are, but not their points.
    init(_ snapshot: Snapshot, _ query: Query, budget: Int = 1 << 21) throws(VarveError) {
        self.snapshot = snapshot
        self.query = query
        self.budget = budget
        var names: Set<ExactText> = []
        var points: [RunID: Int] = [:]
        var census = query
        census.columns = []
        try snapshot.forEachView(of: census) { view throws(VarveError) in
            names.insert(ExactText(view.metric.name))
            points[view.run, default: 0] += view.count
        }
        let sorted = names.sorted()
        var taken = Set(Self.firstColumns.map { $0.name.lowercased() })
        var columns = Self.firstColumns
        var numbers: [ExactText: Int] = [:]
        for (number, name) in sorted.enumerated() {
            numbers[name] = number
            columns.append(TableColumn(name: Self.title(name.text, &taken), kind: .optionalNumber))
        }
        self.columns = columns
        self.numbers = numbers
        counts = points.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func title(_ name: String, _ taken: inout Set<String>) -> String {
        let isReserved = firstColumns.contains { $0.name == name.lowercased() }
        let base = isReserved ? "metric.\(name)" : name.isEmpty ? "metric" : name
        var title = base
        var number = 2
        while !taken.insert(title.lowercased()).inserted {
            title = "\(base)_\(number)"
            number += 1
        }
        return title
    }

    /// The texts of the columns that have some, in their order.
    static func texts(_ labels: ExportLabels) -> [[String]] {
        let texts = labels.texts
        return [texts.runs, texts.names, texts.contexts]
    }

    /// How many rows a batch has: fewer where there are many columns.
    var rowsAtOnce: Int { min(1 << 16, max(64, (1 << 22) / max(1, columns.count))) }

    /// Hands the rows out.
    /// - Returns: how many points they hold, those that a later one of the same step hides included.
    func forEachBatch(
        _ labels: ExportLabels, _ body: (TableBatch) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        var rows = WideRows(columns: columns.count - Self.firstColumns.count, limit: rowsAtOnce, labels)
        var group: [RunID] = []
        var points = 0
        var total = 0
        func flush() throws(VarveError) {
            guard !group.isEmpty else { return }
            var query = query
            query.runs = group
            let cells = try read(query, limit: .max)
            for run in group { try rows.append(run, cells?[run] ?? [:], body) }
            (group, points) = ([], 0)
        }
        for (run, count) in counts {
            total += count
            if count > budget {
                try flush()
                try window(run, count, &rows, body)
                continue
            }
            if points + count > budget { try flush() }
            group.append(run)
            points += count
        }
        try flush()
        try rows.flush(body)
        return total
    }

    /// Points of one metric in one context of a run.
    typealias Cells = [[MetricKey.ContextPair]: [WideSeries]]

    /// The points of a query by run; nil if there are more than `limit`.
    private func read(_ query: Query, limit: Int) throws(VarveError) -> [RunID: Cells]? {
        var cells: [RunID: Cells] = [:]
        var current: (run: RunID, metric: MetricKey, series: WideSeries)?
        var count = 0
        func close() {
            if let current {
                cells[current.run, default: [:]][current.metric.context, default: []].append(current.series)
            }
            current = nil
        }
        try snapshot.forEachView(of: query) { view throws(VarveError) in
            count += view.count
            guard count <= limit else { return }
            if current?.run != view.run || current?.metric != view.metric {
                close()
                guard let number = numbers[ExactText(view.metric.name)] else { return }
                current = (view.run, view.metric, WideSeries(column: number))
            }
            current?.series.append(view)
        }
        close()
        return count > limit ? nil : cells
    }

    /// Goes through a run that has too many points at once, some steps at a time.
    private func window(
        _ run: RunID, _ count: Int, _ rows: inout WideRows, _ body: (TableBatch) throws(VarveError) -> Void
    ) throws(VarveError) {
        var query = query
        query.runs = [run]
        var metrics: [[MetricKey.ContextPair]: [MetricKey]] = [:]
        var bounds: ClosedRange<Int>?
        for one in try snapshot.statistics(query) {
            metrics[one.metric.context, default: []].append(one.metric)
            guard let steps = one.steps else { continue }
            bounds =
                bounds.map { min($0.lowerBound, steps.lowerBound)...max($0.upperBound, steps.upperBound) } ?? steps
        }
        guard let bounds else { return }
        // Rows of one context are together: each context is gone through by itself.
        for context in metrics.keys.sorted(by: { MetricKey.precedes($0, $1) }) {
            var narrow = query
            narrow.pairs = Dictionary((metrics[context] ?? []).map { ($0, [run]) }) { first, _ in first }
            // Widths are as if steps were spread evenly; where they aren't, a window that holds too much is cut in two.
            let parts = UInt64(clamping: count / budget + 1)
            let span = UInt64(bitPattern: Int64(bounds.upperBound &- bounds.lowerBound))
            var pending = Self.cut(bounds, width: max(1, span / parts))
            while let window = pending.popLast() {
                narrow.steps = window
                let isNarrow = window.lowerBound == window.upperBound
                guard let cells = try read(narrow, limit: isNarrow ? .max : 2 * budget) else {
                    let half = (UInt64(bitPattern: Int64(window.upperBound &- window.lowerBound)) / 2) + 1
                    pending += Self.cut(window, width: half)
                    continue
                }
                try rows.append(run, cells[run] ?? [:], body)
            }
        }
    }

    /// Cuts a range of steps into pieces, the last one first.
    private static func cut(_ range: ClosedRange<Int>, width: UInt64) -> [ClosedRange<Int>] {
        var pieces: [ClosedRange<Int>] = []
        var start = range.lowerBound
        while true {
            let left = UInt64(bitPattern: Int64(range.upperBound &- start))
            if left < width {
                pieces.append(start...range.upperBound)
                return pieces.reversed()
            }
            let end = start &+ Int(truncatingIfNeeded: width &- 1)
            pieces.append(start...end)
            start = end &+ 1
        }
    }
}
