/// A set of sequences, as ascending ranges without gaps between neighbours.
package struct SequenceSet: Hashable, Sendable {
    package private(set) var ranges: [Range<UInt64>] = []

    package init() {}

    package var count: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Adds a range; cheap where ranges come in order.
    package mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        guard !ranges.isEmpty else {
            ranges = [range]
            return
        }
        if let last = ranges.last, range.lowerBound >= last.lowerBound {
            if range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
            return
        }
        var merged = ranges + [range]
        merged.sort { $0.lowerBound < $1.lowerBound }
        ranges = []
        for range in merged { insert(range) }
    }

    package func contains(_ sequence: UInt64) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= sequence { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(sequence)
    }

    /// Whether all of `range` is in the set.
    package func contains(_ range: Range<UInt64>) -> Bool {
        range.isEmpty || ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    /// Whether none of `range` is in the set.
    package func isDisjoint(with range: Range<UInt64>) -> Bool { !ranges.contains { $0.overlaps(range) } }
}
