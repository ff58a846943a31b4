import Varve

/// The values that were set, by run and key, in the order in which they were set. A value is its place in that order.
struct SoakProperties {
    private struct Key: Hashable {
        var run: RunID
        var key: String
    }

    private struct Value {
        var writer: Int?
        var state: SoakOracle.State
    }

    private var values: [Key: [Value]] = [:]
    /// Those of runs that aren't there, and may come back.
    private var away: [Key: [Value]] = [:]

    /// A value is about to be set.
    ///
    /// - Parameter writer: who will make it durable; nil: it is, once the call has returned.
    /// - Returns: the value.
    mutating func begin(_ run: RunID, _ key: String, writer: Int?) -> Int {
        let key = Key(run: run, key: key)
        values[key, default: []].append(Value(writer: writer, state: .open))
        return (values[key]?.count ?? 1) - 1
    }

    /// The call has returned.
    mutating func settle(_ run: RunID, _ key: String, _ value: Int) {
        let key = Key(run: run, key: key)
        let isDurable = values[key]?[value].writer == nil
        values[key]?[value].state = isDurable ? .durable : .safe
    }

    mutating func makeDurable(writer: Int) {
        for (key, list) in values {
            for i in list.indices where list[i].writer == writer && list[i].state == .safe {
                values[key]?[i].state = .durable
            }
        }
    }

    mutating func losePower() {
        for (key, list) in values {
            for i in list.indices where list[i].state == .safe { values[key]?[i].state = .open }
        }
        for (key, list) in away {
            for i in list.indices where list[i].state == .safe { away[key]?[i].state = .open }
        }
    }

    /// As of ``SoakOracle``: what is known is put aside, and what is there may be anything of it.
    mutating func beginRemoval(_ run: RunID) {
        let isFirst = !away.keys.contains { $0.run == run }
        for (key, list) in values where key.run == run {
            if isFirst { away[key] = list }
            loosen(key)
        }
    }

    mutating func endRemoval(_ run: RunID) {
        for (key, list) in values where key.run == run && away[key] == nil { away[key] = list }
        values = values.filter { $0.key.run != run }
    }

    mutating func beginReturn(_ run: RunID) {
        for (key, list) in away where key.run == run && values[key] == nil {
            values[key] = list
            loosen(key)
        }
    }

    mutating func endReturn(_ run: RunID) {
        for (key, list) in away where key.run == run {
            // What was set meanwhile, of a run that was partly there, comes after.
            values[key]?.replaceSubrange(0..<list.count, with: list)
        }
        away = away.filter { $0.key.run != run }
    }

    private mutating func loosen(_ key: Key) {
        for i in (values[key] ?? []).indices { values[key]?[i].state = .open }
    }

    /// Compares what a run has: of each key the newest value that must be there, or a later one that may.
    ///
    /// - Parameter isCopy: read elsewhere, as of ``SoakOracle/compare(_:of:)``.
    mutating func compare(_ run: RunInfo, isCopy: Bool) throws(SoakFailure) {
        for (key, list) in values where key.run == run.id {
            let newest = list.lastIndex { $0.state != .open }
            guard case .int(let number)? = run.properties[key.key] else {
                if newest != nil { throw SoakFailure("\(key) is not there: \(list)") }
                continue
            }
            guard let found = Int(exactly: number), list.indices.contains(found) else {
                throw SoakFailure("\(key) is \(number), which nobody set")
            }
            if let newest, found < newest { throw SoakFailure("\(key) is \(number) again: \(list)") }
            if list[found].state == .open, !isCopy { values[key]?[found].state = .safe }
        }
    }
}
