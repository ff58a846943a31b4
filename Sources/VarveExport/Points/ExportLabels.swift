import Varve

/// The distinct texts of a column, numbered in the order in which they came.
struct TextTable: Sendable {
    private(set) var texts: [String] = []
    private var numbers: [ExactText: Int32] = [:]

    /// The number of a text, which is taken in if it is new.
    mutating func number(of text: String) -> Int32 {
        if let known = numbers[ExactText(text)] { return known }
        let fresh = Int32(truncatingIfNeeded: texts.count)
        numbers[ExactText(text)] = fresh
        texts.append(text)
        return fresh
    }
}

/// What runs and metrics are called in an export: numbers into tables of texts. Not for several threads at once.
final class ExportLabels {
    /// What is said of a series in each row of its points.
    struct Label: Hashable, Sendable {
        var run: Int32
        var name: Int32
        var metric: Int32
        var context: Int32
    }

    /// The tables that labels point into.
    struct Texts: Sendable {
        var runs: [String] = []
        var names: [String] = []
        var metrics: [String] = []
        var contexts: [String] = []
    }

    private let snapshot: Snapshot
    private var runs = TextTable()
    private var names = TextTable()
    private var metrics = TextTable()
    private var contexts = TextTable()
    private var knownRuns: [RunID: (run: Int32, name: Int32)] = [:]
    private var knownMetrics: [MetricKey: (metric: Int32, context: Int32)] = [:]
    private var last: (run: RunID, metric: MetricKey, label: Label)?

    /// Takes what the query may show, in order: a format that has to name everything first can.
    init(_ snapshot: Snapshot, _ query: Query) throws(VarveError) {
        self.snapshot = snapshot
        for run in snapshot.runs(of: query) { _ = number(run) }
        for info in try snapshot.metrics()
        where (query.metric.map { info.metric.isNamed($0) } ?? true) && info.metric.has(query.context)
            && query.pairs.map({ $0[info.metric] != nil }) ?? true
        { _ = number(info.metric) }
    }

    /// The tables as they are now; what comes later is added at their ends.
    var texts: Texts {
        Texts(runs: runs.texts, names: names.texts, metrics: metrics.texts, contexts: contexts.texts)
    }

    func label(_ run: RunID, _ metric: MetricKey) -> Label {
        if let last, last.run == run, last.metric == metric { return last.label }
        let (runNumber, name) = numbers(run)
        let (metricNumber, context) = number(metric)
        let label = Label(run: runNumber, name: name, metric: metricNumber, context: context)
        last = (run, metric, label)
        return label
    }

    /// The numbers of a run's ID and name.
    func numbers(_ run: RunID) -> (run: Int32, name: Int32) {
        if let known = knownRuns[run] { return known }
        if let info = snapshot.run(run) { return number(info) }
        let known = (runs.number(of: run.description), names.number(of: ""))
        knownRuns[run] = known
        return known
    }

    /// The number of a context.
    func number(ofContext context: [MetricKey.ContextPair]) -> Int32 { contexts.number(of: Self.text(context)) }

    private func number(_ run: RunInfo) -> (run: Int32, name: Int32) {
        let known = (runs.number(of: run.id.description), names.number(of: run.name))
        knownRuns[run.id] = known
        return known
    }

    private func number(_ metric: MetricKey) -> (metric: Int32, context: Int32) {
        if let known = knownMetrics[metric] { return known }
        let known = (metrics.number(of: metric.name), number(ofContext: metric.context))
        knownMetrics[metric] = known
        return known
    }

    /// A context as a JSON object, keys sorted: the same text for the same context.
    static func text(_ context: [MetricKey.ContextPair]) -> String {
        var object = JSONObject()
        for pair in context { object[pair.key] = .string(pair.value) }
        return JSONValue.object(object).text
    }
}
