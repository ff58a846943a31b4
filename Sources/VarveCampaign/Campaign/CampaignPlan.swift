import Varve

/// A grid of settings that are to be run, each combination once.
public struct CampaignPlan: Hashable, Sendable {
    /// The value of the param `campaign_id` of its runs.
    public var id: String
    /// The axes; the last one changes fastest.
    public var axes: [Axis]
    /// Params that all runs have.
    public var params: [String: PropertyValue]
    /// Combinations that aren't wanted: a cell is left out if it has all values of one of these.
    public var exclude: [[String: PropertyValue]]
    /// What runs a cell: a program and its arguments, with axes in braces; empty: it is said later.
    public var command: [String]

    /// A param and the values that it takes.
    public struct Axis: Hashable, Sendable {
        /// The param's name, without `params.`.
        public var name: String
        /// Its values, distinct, in the order in which they are tried.
        public var values: [PropertyValue]

        /// An axis.
        public init(_ name: String, _ values: [PropertyValue]) {
            self.name = name
            self.values = values
        }
    }

    /// One combination.
    public struct Cell: Hashable, Sendable {
        /// Its number in the plan, from 1 on.
        public var number: Int
        /// A value of each axis.
        public var values: [PropertyValue]
    }

    /// The most combinations of a plan, those that are left out included.
    public static let mostCells = 1_000_000
    static let mostAxes = 64

    /// A plan.
    /// - Throws: `invalid` if axes or values come twice or are empty, or what is excluded names no axis; `limit` if there are
    ///   more than ``mostCells`` combinations.
    public init(
        id: String, axes: [Axis], params: [String: PropertyValue] = [:], exclude: [[String: PropertyValue]] = [],
        command: [String] = []
    ) throws(VarveError) {
        self.id = id
        self.axes = axes
        self.params = params
        self.exclude = exclude
        self.command = command
        try check()
    }

    private func check() throws(VarveError) {
        guard !id.isEmpty, id.utf8.count <= 200 else {
            throw VarveError(.invalid, "a campaign's ID has 1 to 200 bytes", found: "\(id.utf8.count)")
        }
        guard !axes.isEmpty, axes.count <= Self.mostAxes else {
            throw VarveError(
                .invalid, "a plan has 1 to \(Self.mostAxes) axes", found: "\(axes.count)",
                remedy: "such as --axis seed=1,2,3")
        }
        var names: Set<String> = ["campaign_id"]
        var count = 1
        for axis in axes {
            guard !axis.name.isEmpty, names.insert(axis.name).inserted, params[axis.name] == nil else {
                throw VarveError(.invalid, "'\(axis.name)' can't be an axis: it is empty, or there already")
            }
            let distinct = Set(axis.values.map { PropertyIdentity($0) })
            guard !axis.values.isEmpty, distinct.count == axis.values.count else {
                throw VarveError(
                    .invalid, "the values of '\(axis.name)' must be at least one, and all different")
            }
            let (product, isOver) = count.multipliedReportingOverflow(by: axis.values.count)
            guard !isOver, product <= Self.mostCells else {
                throw VarveError(.limit, "the plan has too many combinations", expected: "at most \(Self.mostCells)")
            }
            count = product
        }
        for name in exclude.flatMap(\.keys) where !axes.contains(where: { $0.name == name }) {
            let nearest = nearestName(to: name, among: axes.map(\.name))
            throw VarveError(
                .invalid, "what is excluded names '\(name)', which is no axis",
                remedy: nearest.map { "did you mean '\($0)'?" })
        }
    }

    /// All combinations that are wanted.
    public var cells: [Cell] {
        let unwanted = exclude.map { pairs in
            axes.map { axis in pairs[axis.name].map { PropertyIdentity($0) } }
        }
        var cells: [Cell] = []
        var places = Array(repeating: 0, count: axes.count)
        while true {
            let values = places.enumerated().map { axes[$0].values[$1] }
            let isUnwanted = unwanted.contains { pairs in
                zip(pairs, values).allSatisfy { $0 == nil || $0 == PropertyIdentity($1) }
            }
            if !isUnwanted { cells.append(Cell(number: cells.count + 1, values: values)) }
            var axis = axes.count - 1
            while axis >= 0 {
                places[axis] += 1
                if places[axis] < axes[axis].values.count { break }
                places[axis] = 0
                axis -= 1
            }
            if axis < 0 { return cells }
        }
    }

    /// The params of a cell's run.
    public func params(of cell: Cell) -> [String: PropertyValue] {
        var params = params
        for (axis, value) in zip(axes, cell.values) { params[axis.name] = value }
        params[ParamAxis.campaign] = .string(id)
        params["campaign_exp_idx"] = .int(Int64(cell.number))
        return params
    }
}
