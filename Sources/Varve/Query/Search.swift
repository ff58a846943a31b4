/// What is looked for, in which order, and how much of it:
/// `params.lr > 0.01 and metric.name == "loss" order by metric.min limit 10`.
///
/// It is a condition as in ``Filter``, behind which may stand, each once and in any order,
/// - `order by params.lr desc, metrics["acc"].max`: runs that don't have the key come last either way, equal ones stay in
///   the order in which they were made;
/// - `limit 10`: so many runs;
/// - `group by params.model, metric.context.subset`: what those who ask make of it is up to them.
///
/// The condition may be left out.
public struct Search: Hashable, Sendable {
    /// The condition; nil: all runs.
    public internal(set) var filter: Filter?
    /// What decides the order, the first key first; empty: oldest runs first.
    public internal(set) var order: [Order] = []
    /// The most runs that are found.
    public internal(set) var limit: Int?
    /// What groups are made by.
    public internal(set) var groups: [Key] = []
    /// The full keys of the properties that are named anywhere, sorted.
    public internal(set) var keys: [String] = []
    /// The metrics that are named anywhere, sorted.
    public internal(set) var metricNames: [String] = []

    /// Something that a run, or a pair of a run and a metric, has: `params.lr`, `metric.last`.
    public struct Key: Hashable, Sendable {
        let operand: FilterOperand

        /// The full key, if it is a property or a field such as `status`.
        public var property: String? { if case .property(let key) = operand { key } else { nil } }
        /// Whether it is the metric's name.
        public var isMetricName: Bool { operand == .metric(.name) }
        /// The key of the context, if it is the value of one.
        public var contextKey: String? {
            switch operand {
            case .metric(.context(let key)): key
            case .metric(.rank): MetricPart.rankKey
            case .metric(.host): MetricPart.hostKey
            default: nil
            }
        }
    }

    /// A key of the order.
    public struct Order: Hashable, Sendable {
        /// What is compared.
        public var key: Key
        /// The highest comes first.
        public var isDescending: Bool
    }

    /// Finds everything.
    public init() {}

    /// Finds what a condition holds for.
    public init(_ filter: Filter) {
        self.filter = filter
        keys = filter.keys
        metricNames = filter.metricNames
    }

    /// Parses an expression.
    /// - Throws: as ``Filter/init(parsing:)``.
    public init(parsing text: String) throws(VarveError) {
        var parser = try FilterParser(text)
        self = try parser.search()
    }

    /// The same among the runs for which a further condition holds, before the limit counts. What only that names isn't among ``keys``.
    public func among(_ further: Filter) -> Search {
        var search = self
        search.filter = Filter(
            condition: .all([further.condition, filter?.condition ?? .all([])]), keys: keys, metricNames: metricNames)
        return search
    }

    /// Whether it says something of pairs of a run and a metric, not only of runs.
    public var namesMetrics: Bool {
        let operands = (filter?.condition.operands ?? []) + order.map(\.key.operand)
        return operands.contains { if case .metric = $0 { true } else { false } }
    }
}

extension Search.Key: CustomStringConvertible {
    /// As it is written.
    public var description: String {
        switch operand {
        case .property(let key): key
        case .metric(.name): "metric.name"
        case .metric(.context(let key)): "metric.context.\(key)"
        case .metric(.rank): MetricPart.rankKey
        case .metric(.host): "metric.host"
        case .metric(.figure(let figure)): "metric.\(figure.rawValue)"
        case .series(let selector, let figure): "\(selector).\(figure.rawValue)"
        case .literal: ""
        }
    }
}
