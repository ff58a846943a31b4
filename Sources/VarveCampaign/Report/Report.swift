import Varve

/// What came out of a campaign: a row for each group of runs and each metric, over seeds, splits and other repetitions.
public struct Report: Sendable {
    /// The params that make groups, and keys of contexts such as `rank`.
    public var groupBy: [String]
    /// The params that vary and are averaged over.
    public var over: [String]
    /// By group, then metric.
    public var rows: [Row]
    /// All runs that were looked at.
    public var runs: [RunInfo]
    /// The combinations of params that have no run that finished; nil: the runs are no grid.
    public var grid: Grid?
    /// Pairs of groups side by side.
    public var comparisons: [Comparison]
    /// The values that were counted, for those who want to check.
    public var values: [Value]

    /// A group of runs and one metric.
    public struct Row: Sendable {
        /// The values of ``Report/groupBy``; `absent` where the runs don't have one.
        public var group: [PropertyValue]
        /// The metric.
        public var metric: MetricKey
        /// The values of the runs that count.
        public var sample: Sample
        /// All runs of the group, whether they count or not.
        public var runs: Int
        /// How the runs of the group stand.
        public var statuses: [RunStatus: Int]
        /// Runs that count but don't have the metric, or not at the step that was asked for.
        public var missing: Int

        /// Runs that don't count because they didn't finish.
        public var unfinished: Int
    }

    /// One value of one run.
    public struct Value: Hashable, Sendable {
        /// The run.
        public var run: RunID
        /// The metric.
        public var metric: MetricKey
        /// Its last or best value, or that at a step.
        public var value: Double
    }

    /// Reports on what a search finds.
    ///
    /// - Throws: `invalid` if a param or a metric that is named isn't there, with the nearest one that is.
    public init(
        of snapshot: Snapshot, _ search: Search = Search(), _ options: ReportOptions = ReportOptions()
    ) throws(VarveError) {
        var found = try snapshot.find(search)
        if let campaigns = options.campaigns {
            found.runs = try Self.runs(of: campaigns, among: found.runs)
        }
        runs = found.runs
        let names = ParamNames(runs)
        let varying = names.axes.filter(\.varies)
        let asked =
            options.groupBy ?? (search.groups.isEmpty ? nil : search.groups.compactMap { $0.property ?? $0.contextKey })
        // Of ranks, say, of which a run has several at once.
        let contexts = try Self.contexts(options.over, names, snapshot)
        let extra = Set(try names.resolve(options.over.filter { !contexts.contains($0) }))
        var groupContexts = try Self.contexts(asked ?? [], names, snapshot)
        let byHost =
            (asked ?? []).contains(MetricPart.hostKey) && !names.axes.contains { $0.name == MetricPart.hostKey }
        if byHost { groupContexts.insert(MetricPart.hostKey) }
        if let asked {
            groupBy = try names.resolve(asked, besides: groupContexts)
        } else {
            groupBy = varying.filter { $0.role == .setting && !extra.contains($0.name) }.map(\.name)
            // Each campaign has a table of its own: its ID leads.
            if let place = groupBy.firstIndex(of: ParamAxis.campaign) {
                groupBy.insert(groupBy.remove(at: place), at: 0)
            }
        }
        let chosen = Set(groupBy)
        over = varying.map(\.name).filter { !chosen.contains($0) } + contexts.sorted()
        let counted = options.includesUnfinished ? runs : runs.filter { $0.status == .finished }
        let values = try MetricValues(snapshot, found, options, over: contexts, byHost: byHost)
        try Self.check(options, values, snapshot)
        rows = Self.rows(runs, groupBy, groupContexts, counted: Set(counted.map(\.id)), values)
        grid = Grid(runs)
        comparisons = []
        for name in try names.resolve(options.compare) {
            // What belongs to a value, as a model's width does, differs within every pair.
            let others = varying.filter { axis in
                axis.name != name && axis.role != .counter
                    && !(axis.role == .setting && Grid.decides(name, axis.name, counted))
            }.map(\.name)
            comparisons += Comparison.all(of: name, pairedBy: others, counted, values)
        }
        self.values = values.metrics.flatMap { metric in
            counted.flatMap { run in
                (values.values[metric]?[run.id] ?? []).map { Value(run: run.id, metric: metric, value: $0) }
            }
        }
    }

    /// Which of the names are keys of contexts, and no params.
    private static func contexts(
        _ asked: [String], _ names: ParamNames, _ snapshot: Snapshot
    ) throws(VarveError) -> Set<String> {
        let unknown = asked.filter { name in !names.axes.contains { $0.name == name || $0.name.hasSuffix(".\(name)") } }
        guard !unknown.isEmpty else { return [] }
        let keys = Set(try snapshot.metrics().flatMap { $0.metric.context.map(\.key) })
        return keys.intersection(unknown)
    }

    private static func rows(
        _ runs: [RunInfo], _ names: [String], _ contexts: Set<String>, counted: Set<RunID>, _ values: MetricValues
    ) -> [Row] {
        var places: [[PropertyIdentity]: Int] = [:]
        var groups: [(values: [PropertyValue], runs: [RunInfo])] = []
        for run in runs {
            let own = run.values(of: names)
            let place = places[own.map { PropertyIdentity($0) }] ?? groups.count
            if place == groups.count {
                places[own.map { PropertyIdentity($0) }] = place
                groups.append((own, []))
            }
            groups[place].runs.append(run)
        }
        let rows = groups.flatMap { group in
            values.metrics.compactMap { metric -> Row? in
                let known = values.values[metric] ?? [:]
                var runs = group.runs
                if contexts.contains(MetricPart.hostKey) {
                    // Runs elsewhere don't miss anything here.
                    runs = runs.filter { $0.ran(on: metric[MetricPart.hostKey] ?? "") }
                    guard !runs.isEmpty else { return nil }
                }
                let counting = runs.filter { counted.contains($0.id) }
                let having = counting.compactMap { known[$0.id] }
                var values = group.values
                for (place, name) in names.enumerated() where contexts.contains(name) {
                    values[place] = metric.value(of: name) ?? .absent
                }
                return Row(
                    group: values, metric: metric.without(contexts), sample: Sample(having.flatMap { $0 }),
                    runs: runs.count, statuses: Dictionary(runs.map { ($0.status, 1) }, uniquingKeysWith: +),
                    missing: counting.count - having.count, unfinished: runs.count - counting.count)
            }
        }
        return rows.sorted { a, b in
            if PropertyValue.row(a.group, precedes: b.group) { return true }
            if PropertyValue.row(b.group, precedes: a.group) { return false }
            return a.metric < b.metric
        }
    }

    /// The campaigns of some runs: the values of their param `campaign_id` as text, sorted.
    public static func campaigns(of runs: [RunInfo]) -> [String] { Set(runs.compactMap(id)).sorted() }

    private static func id(_ run: RunInfo) -> String? {
        switch run.params[ParamAxis.campaign] {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): String(number)
        default: nil
        }
    }

    private static func runs(of campaigns: [String], among runs: [RunInfo]) throws(VarveError) -> [RunInfo] {
        let known = Set(runs.compactMap(id))
        for campaign in campaigns where !known.contains(campaign) {
            throw VarveError(
                .notFound, "there is no campaign '\(campaign)'",
                remedy: known.isEmpty
                    ? "no run has the param campaign_id"
                    : "there are \(known.sorted().prefix(10).joined(separator: ", "))")
        }
        return runs.filter { run in id(run).map(campaigns.contains) ?? false }
    }

    /// Refuses metrics and contexts that nothing has.
    private static func check(
        _ options: ReportOptions, _ values: MetricValues, _ snapshot: Snapshot
    ) throws(VarveError) {
        let all = try snapshot.metrics().map(\.metric)
        let names = Set(all.map(\.name)).sorted()
        for name in options.metrics ?? [] where !values.metrics.contains(where: { $0.name == name }) {
            guard !names.contains(name) else { continue }
            let nearest = nearestName(to: name, among: names + [ReportOptions.duration])
            throw VarveError(
                .notFound, "there is no metric '\(name)'",
                remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve metrics lists what there is")
        }
        let contexts = Set(all.flatMap { $0.context.flatMap { [$0.value, "\($0.key)=\($0.value)"] } })
        for context in options.contexts ?? [] where !contexts.contains(context) {
            let nearest = nearestName(to: context, among: contexts.sorted())
            throw VarveError(
                .notFound, "no metric has the context '\(context)'",
                remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve metrics lists what there is")
        }
    }
}

extension RunInfo {
    /// Whether a process of it ran on a host, or it as a whole on several, separated by commas.
    fileprivate func ran(on host: String) -> Bool {
        hosts.contains { $0.hasSameBytes(as: host) } || RunColumns.hostText(hosts)?.hasSameBytes(as: host) ?? false
    }
}

extension PropertyValue {
    /// The order of rows of values.
    static func row(_ a: [PropertyValue], precedes b: [PropertyValue]) -> Bool {
        for (x, y) in zip(a, b) {
            if x.precedes(y) { return true }
            if y.precedes(x) { return false }
        }
        return false
    }
}
