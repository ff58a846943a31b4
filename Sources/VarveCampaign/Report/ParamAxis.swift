import Varve

/// A param with the values that some runs have.
public struct ParamAxis: Hashable, Sendable {
    /// The param's name, without `params.`.
    public var name: String
    /// The distinct values, in order; 1 and 1.0 are one, and so are all NaNs.
    public var values: [PropertyValue]
    /// How many of the runs don't have it.
    public var missing: Int

    /// Whether runs differ in it: not having it is a difference, too.
    public var varies: Bool { values.count + (missing > 0 ? 1 : 0) > 1 }

    /// The role that the name suggests.
    public var role: ParamRole { ParamRole(of: name) }

    /// Campaigns are told apart, and each has a grid of its own.
    public static let campaign = "campaign_id"

    /// The params of some runs, by name.
    public static func all(of runs: [RunInfo]) -> [ParamAxis] {
        var found: [String: (values: [PropertyIdentity: PropertyValue], runs: Int)] = [:]
        for run in runs {
            for (name, value) in run.params {
                found[name, default: ([:], 0)].runs += 1
                let identity = PropertyIdentity(value)
                if found[name]?.values[identity] == nil { found[name]?.values[identity] = value }
            }
        }
        return found.keys.sorted().map { name in
            let (values, count) = found[name] ?? ([:], 0)
            return ParamAxis(
                name: name, values: values.values.sorted { $0.precedes($1) }, missing: runs.count - count)
        }
    }
}

extension RunInfo {
    /// The values of params, `absent` where the run doesn't have one. Where no run has such a param, `name` and `status` are
    /// the run's own, and so are other properties by their full keys.
    func values(of names: [String]) -> [PropertyValue] {
        names.map { name in
            if let value = properties["params.\(name)"] { return value }
            switch name {
            case "name": return .string(self.name)
            case "status": return .string(status.rawValue)
            default: return properties[name] ?? .absent
            }
        }
    }
}
