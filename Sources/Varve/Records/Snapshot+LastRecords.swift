import VarveFormat

/// Which records of a run are meant.
public struct RecordChoice: Sendable {
    /// Of which kind.
    public var kind: Record.Kind
    /// Only of this name; nil: of any.
    public var name: String?
    /// Only where the context has these pairs.
    public var context: [String: String]
    /// Only these steps; nil: any, and those without a step.
    public var steps: ClosedRange<Int>?

    /// Records of a kind.
    public init(
        _ kind: Record.Kind, name: String? = nil, context: [String: String] = [:], steps: ClosedRange<Int>? = nil
    ) {
        self.kind = kind
        self.name = name
        self.context = context
        self.steps = steps
    }

    func holds(_ metric: MetricKey, _ step: Int?) -> Bool {
        if let name, !metric.isNamed(name) { return false }
        if let steps, !(step.map(steps.contains) ?? false) { return false }
        return metric.has(context)
    }
}

extension Snapshot {
    /// Of each name and context that a choice holds for, the record that was logged last.
    public func lastRecords(of run: RunID, _ choice: RecordChoice) throws(VarveError) -> [MetricKey: Record] {
        var last: [MetricKey: Record] = [:]
        try forEachRecord(of: run, kinds: [choice.kind], where: choice.holds) { last[$0.metric] = $0 }
        return last
    }

    /// The records that a choice holds for, in the order of logging.
    public func records(of run: RunID, _ choice: RecordChoice) throws(VarveError) -> [Record] {
        var found: [Record] = []
        try forEachRecord(of: run, kinds: [choice.kind], where: choice.holds) { found.append($0) }
        return found
    }
}
