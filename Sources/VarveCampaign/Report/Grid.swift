import Varve

/// The settings and repetitions that a campaign tries in all combinations, and which of these have a run that finished.
///
/// A run without one of the params stands beside the grid (a baseline that has no number of heads, say): its combination counts as
/// a cell because it was begun, others without that param aren't missed, and what values it has make no cells of the grid.
public struct Grid: Hashable, Sendable {
    /// The params that vary, but for counters and those that another one decides.
    public var axes: [ParamAxis]
    /// How many combinations there are.
    public var cells: Int
    /// How many have a run that finished.
    public var done: Int
    /// How many have more than one.
    public var duplicated: Int
    /// The combinations that have none, in order, at most ``mostMissing``: values in the order of the axes.
    public var missing: [[PropertyValue]]

    /// How many missing combinations are listed.
    public static let mostMissing = 10_000
    private static let mostCells = 1_000_000

    /// The grid of some runs; nil: they don't look like one, since less than half of the combinations were ever begun.
    public init?(_ runs: [RunInfo]) {
        let candidates = ParamAxis.all(of: runs).filter {
            $0.varies && $0.role != .counter && $0.name != ParamAxis.campaign
        }
        axes = Self.withoutStrangers(Self.independent(candidates, runs), runs)
        guard !axes.isEmpty else { return nil }
        cells = 1
        for axis in axes {
            let (product, isOver) = cells.multipliedReportingOverflow(by: axis.values.count)
            guard !isOver, product <= Self.mostCells else { return nil }
            cells = product
        }
        let names = axes.map(\.name)
        var finished: [[PropertyIdentity]: Int] = [:]
        var begun: Set<[PropertyIdentity]> = []
        var beside: [[PropertyIdentity]: [PropertyValue]] = [:]
        for run in runs {
            let values = run.values(of: names)
            let cell = values.map { PropertyIdentity($0) }
            begun.insert(cell)
            if values.contains(.absent) { beside[cell] = values }
            if run.status == .finished { finished[cell, default: 0] += 1 }
        }
        cells += beside.count
        guard begun.count * 2 >= cells else { return nil }
        done = finished.count
        duplicated = finished.values.count { $0 > 1 }
        missing = []
        let identities = axes.map { $0.values.map { PropertyIdentity($0) } }
        for number in 0..<cells - beside.count where missing.count < Self.mostMissing && done < cells {
            var rest = number
            var places: [Int] = []
            for axis in axes.reversed() {
                places.insert(rest % axis.values.count, at: 0)
                rest /= axis.values.count
            }
            let cell = places.enumerated().map { identities[$0][$1] }
            if finished[cell] == nil { missing.append(places.enumerated().map { axes[$0].values[$1] }) }
        }
        // In the order of the runs, as far as they are listed.
        for run in runs where missing.count < Self.mostMissing && done < cells {
            let values = run.values(of: names)
            let cell = values.map { PropertyIdentity($0) }
            if finished[cell] == nil, beside.removeValue(forKey: cell) != nil { missing.append(values) }
        }
    }

    /// Leaves out params that another one decides, such as the width that belongs to each model.
    private static func independent(_ axes: [ParamAxis], _ runs: [RunInfo]) -> [ParamAxis] {
        // Many values first: those decide others.
        var kept: [ParamAxis] = []
        for axis in axes.sorted(by: { ($1.values.count, $0.name) < ($0.values.count, $1.name) }).prefix(64)
        where !kept.contains(where: { decides($0.name, axis.name, runs) }) {
            kept.append(axis)
        }
        return kept.sorted { $0.name < $1.name }
    }

    /// Leaves out values that only runs beside the grid have.
    private static func withoutStrangers(_ axes: [ParamAxis], _ runs: [RunInfo]) -> [ParamAxis] {
        let names = axes.map(\.name)
        var known = axes.map { _ in Set<PropertyIdentity>() }
        for run in runs {
            let values = run.values(of: names)
            guard !values.contains(.absent) else { continue }
            for (place, value) in values.enumerated() { known[place].insert(PropertyIdentity(value)) }
        }
        guard known.allSatisfy({ !$0.isEmpty }) else { return axes }
        return zip(axes, known).map { axis, known in
            var axis = axis
            axis.values.removeAll { !known.contains(PropertyIdentity($0)) }
            return axis
        }
    }

    /// Whether runs with the same value of `a` have the same value of `b`.
    static func decides(_ a: String, _ b: String, _ runs: [RunInfo]) -> Bool {
        var known: [PropertyIdentity: PropertyIdentity] = [:]
        for run in runs {
            let values = run.values(of: [a, b]).map { PropertyIdentity($0) }
            if let other = known.updateValue(values[1], forKey: values[0]), other != values[1] { return false }
        }
        return true
    }
}
