import Varve

/// What the runs of a list have of each property.
struct KnownProperties {
    private(set) var keys: [ExactText] = []
    private var values: [Values] = []
    private var places: [ExactText: Int] = [:]

    /// What they have of one property.
    struct Values {
        /// How many runs have it.
        var owners = 0
        /// Two of its values that differ, or the only one.
        var distinct: [PropertyValue] = []

        fileprivate mutating func take(_ value: PropertyValue) {
            owners += 1
            if distinct.count < 2, !distinct.contains(value) { distinct.append(value) }
        }
    }

    init(_ runs: [RunInfo]) {
        let runs = runs.span
        for index in runs.indices {
            // Runs mostly have their properties in the same order: then each stands behind the one before.
            var next = 0
            for (key, value) in runs[index].properties {
                let key = ExactText(key)
                let place = next < keys.count && keys[next] == key ? next : place(of: key)
                values[place].take(value)
                next = place + 1
            }
        }
    }

    private mutating func place(of key: ExactText) -> Int {
        if let place = places[key] { return place }
        places[key] = keys.count
        keys.append(key)
        values.append(Values())
        return keys.count - 1
    }

    subscript(key: ExactText) -> Values { places[key].map { values[$0] } ?? Values() }
}
