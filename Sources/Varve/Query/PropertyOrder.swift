extension PropertyValue {
    /// Whether this comes before `other` in a sorted listing: none, false, true, numbers (NaN last), text bytewise,
    /// nested
    /// values, and what isn't there at the very end.
    public func precedes(_ other: PropertyValue) -> Bool {
        let ranks = (sortRank, other.sortRank)
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        switch (self, other) {
        case (.json(let a), .json(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        default: return FilterComparison.less.holds(self, other)
        }
    }

    private var sortRank: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .int: 2
        case .double(let number): number.isNaN ? 3 : 2
        case .string: 4
        case .json: 5
        case .absent: 6
        }
    }
}
