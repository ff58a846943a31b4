/// The properties of many runs by column, one row a run: what filters are evaluated on.
package protocol FilterColumns {
    /// The number of runs.
    var rows: Int { get }
    /// The values of one property; nil if no run has it.
    func column(_ key: String) -> FilterColumn?
    /// What each row's metric has, where a row is a pair of a run and a metric; nil: no row has it.
    func column(_ part: MetricPart) -> FilterColumn?
    /// A figure of one metric of each row's run; nil: no run has it.
    func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn?
}

extension FilterColumns {
    package func column(_ part: MetricPart) -> FilterColumn? { nil }
    package func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn? { nil }

    /// The values of an operand that isn't a literal.
    func column(of operand: FilterOperand) -> FilterColumn? {
        switch operand {
        case .literal: nil
        case .property(let key): column(key)
        case .metric(let part): column(part)
        case .series(let metric, let figure): column(metric, figure)
        }
    }
}

/// One property of many runs; runs that don't have it don't appear.
package struct FilterColumn: Hashable, Sendable {
    /// The rows that have the property, ascending; one that has several values, such as a run on several hosts, is there as often,
    /// and what is asked holds of it if it does of one of them.
    package var rows: [Int]
    /// Their values, one for each of `rows`; never `absent`.
    package var values: [PropertyValue]

    /// A column of these values in these rows.
    package init(rows: [Int] = [], values: [PropertyValue] = []) {
        self.rows = rows
        self.values = values
    }

    mutating func append(_ values: [PropertyValue], _ row: Int) {
        for value in values where value != .absent {
            rows.append(row)
            self.values.append(value)
        }
    }
}

/// The columns of runs that are in memory one by one, with what a run has beside its properties: `id`, `name`, `status`,
/// `active`, `created` and `ended` (nanoseconds since 1970), `duration` (seconds), `attempt`, `points`, `lost` and `host`.
package struct RunColumns: FilterColumns {
    private let runs: [RunInfo]

    package init(_ runs: [RunInfo]) { self.runs = runs }

    package var rows: Int { runs.count }

    package func column(_ key: String) -> FilterColumn? {
        var column = FilterColumn()
        for (row, run) in runs.enumerated() { column.append(Self.values(key, of: run), row) }
        return column.rows.isEmpty ? nil : column
    }

    /// What filters compare.
    static func values(_ key: String, of run: RunInfo) -> [PropertyValue] {
        if key == MetricPart.hostKey { return run.hosts.map { .string($0) } }
        return value(key, of: run).map { [$0] } ?? []
    }

    /// The one value by which runs are listed, ordered and grouped; nil: it has none.
    package static func value(_ key: String, of run: RunInfo) -> PropertyValue? {
        switch key {
        case "id": .string(run.id.description)
        case "name": .string(run.name)
        case "status": .string(run.status.rawValue)
        case "active": .bool(run.status == .running)
        case "created": .int(run.created)
        case "ended": run.ended.map { .int($0) }
        case "duration": run.ended.map { .double((Double($0) - Double(run.created)) / 1e9) }
        case "attempt": .int(Int64(run.attempt))
        case "points": .int(Int64(run.points))
        case "lost": .int(Int64(run.lostPoints))
        case MetricPart.hostKey: hostText(run.hosts).map { .string($0) }
        default: run.properties[key]
        }
    }

    /// Several hosts as one value; nil if none is known.
    package static func hostText(_ hosts: [String]) -> String? {
        hosts.count > 1 ? hosts.joined(separator: ", ") : hosts.first
    }
}
