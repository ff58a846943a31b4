/// Runs that have the same values of some properties.
public struct RunGroup: Sendable {
    /// The values, in the order of the keys; `absent` where a run doesn't have one.
    public var values: [PropertyValue]
    /// The runs, in the order in which they were given.
    public var runs: [RunInfo]

    /// Groups by what `keys` name, in the order of their values. 1 and 1.0 are one value, and so are all NaNs.
    ///
    /// Keys that aren't properties or fields of runs count as `absent`.
    public static func groups(of runs: [RunInfo], by keys: [Search.Key]) -> [RunGroup] {
        var values: [[PropertyValue]] = Array(repeating: [], count: runs.count)
        for key in keys {
            for (row, run) in runs.enumerated() {
                values[row].append(key.property.flatMap { RunColumns.value($0, of: run) } ?? .absent)
            }
        }
        var places: [[PropertyIdentity]: Int] = [:]
        var groups: [RunGroup] = []
        for (run, values) in zip(runs, values) {
            let identity = values.map { PropertyIdentity($0) }
            if let place = places[identity] {
                groups[place].runs.append(run)
            } else {
                places[identity] = groups.count
                groups.append(RunGroup(values: values, runs: [run]))
            }
        }
        let order = groups.indices.sorted { a, b in
            for (x, y) in zip(groups[a].values, groups[b].values) {
                if x.precedes(y) { return true }
                if y.precedes(x) { return false }
            }
            return a < b
        }
        return order.map { groups[$0] }
    }
}

/// A value such that two of them are equal exactly if a group takes what they were made of as the same: equal numbers of
/// either type, all NaNs, nested values by their text, and what isn't there.
public struct PropertyIdentity: Hashable, Sendable {
    private let key: FilterKey?
    private let rest: PropertyValue?

    /// The identity of a value.
    public init(_ value: PropertyValue) {
        key = FilterKey(value)
        if case .double = value, key == nil { rest = .double(.zero) } else { rest = key == nil ? value : nil }
    }
}
