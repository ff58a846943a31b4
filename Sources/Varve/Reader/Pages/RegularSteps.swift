import VarveFormat

/// Steps with the same difference between any two neighbours, made instead of decoded. Short ones are kept: the runs of a
/// campaign mostly have the same, and then share them. Not thread-safe.
struct RegularSteps {
    private struct Known {
        var first: Int64
        var spacing: Int64
        var count: Int
        var block: WordBlock
    }

    private var known: [Known] = []
    private var next = 0
    private static let mostKnown = 4
    /// Longer ones are made where they are needed.
    static let mostPoints = 4_096

    /// A block that begins with these steps, `count` ≤ ``mostPoints`` of them.
    mutating func block(first: Int64, spacing: Int64, count: Int) -> WordBlock {
        for i in known.indices where known[i].first == first && known[i].spacing == spacing {
            if known[i].count >= count { return known[i].block }
        }
        let room = min(Self.mostPoints, max(count, 64))
        let block = WordBlock(room)
        Self.fill(block.words, first: first, spacing: spacing, count: room)
        let fresh = Known(first: first, spacing: spacing, count: room, block: block)
        if known.count < Self.mostKnown {
            known.append(fresh)
        } else {
            known[next] = fresh
            next = (next + 1) % Self.mostKnown
        }
        return block
    }

    /// Beyond what an axis has the steps may wrap: nobody looks at those.
    static func fill(_ words: UnsafeMutablePointer<UInt64>, first: Int64, spacing: Int64, count: Int) {
        var step = UInt64(bitPattern: first)
        let difference = UInt64(bitPattern: spacing)
        for i in 0..<count {
            words[i] = step
            step = step &+ difference
        }
    }
}
