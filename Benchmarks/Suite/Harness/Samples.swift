/// Repeated measurements of the same thing.
package struct Samples {
    package private(set) var values: [Double] = []

    package init(_ values: [Double] = []) { self.values = values }

    package mutating func append(_ value: Double) { values.append(value) }
    package var count: Int { values.count }

    /// The middle one; of an even number the lower of the two in the middle. 0 if there are none.
    package var median: Double { quantile(0.5) }
    package var largest: Double { values.max() ?? 0 }

    /// The smallest sample that at least this share of all doesn't exceed.
    package func quantile(_ share: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let rank = (share * Double(sorted.count)).rounded(.up)
        return sorted[min(sorted.count - 1, max(0, Int(rank) - 1))]
    }
}
