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
        guard let writer = values[key]?[value].writer else {
            values[key]?[value].state = .durable
            return
        }
        values[key]?[value].state = .safe
        _ = writer
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
    }

    mutating func remove(_ run: RunID) { values = values.filter { $0.key.run != run } }

    /// Compares what a run has: of each key the newest value that must be there, or a later one that may.
    mutating func compare(_ run: RunInfo) throws(SoakFailure) {
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
            if list[found].state == .open { values[key]?[found].state = .safe }
        }
    }
}
