import Glibc
import Varve

/// The steps at which runs are compared: all of them where they are few enough, else stretches of steps.
struct StepBins {
    /// The lowest step of each, ascending.
    let lower: [Int]
    /// Each is a single step.
    let isExact: Bool
    private let last: Int

    /// - Parameter most: how many there may be.
    init(_ feed: PointFeed, most: Int, isLogarithmic: Bool) throws(VarveError) {
        let ranges = feed.table.entries.compactMap(\.statistics.steps)
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else {
            self.init(lower: [], last: 0, isExact: true)
            return
        }
        if UInt(bitPattern: high &- low) < UInt(most) {
            self.init(lower: Array(low...high), last: high, isExact: true)
            return
        }
        // Sparse steps, such as every hundredth, are few all the same.
        var query = feed.query
        query.columns = .steps
        let reader = try feed.table.snapshot.series(query)
        var steps: Set<Int> = []
        while steps.count <= most, let chunk = try reader.next() {
            let span = chunk.steps
            for i in 0..<chunk.count { steps.insert(span[i]) }
        }
        if steps.count <= most {
            self.init(lower: steps.sorted(), last: high, isExact: true)
            return
        }
        var lower: [Int] = []
        for bin in 0..<most {
            let share = Double(bin) / Double(most)
            let step: Int
            if isLogarithmic, low >= 1 {
                step = Int(exp(log(Double(low)) + share * (log(Double(high)) - log(Double(low)))).rounded(.down))
            } else {
                // In unsigned words, whose difference is exact whatever the steps are.
                step = low &+ Int(bitPattern: UInt(share * Double(UInt(bitPattern: high &- low))))
            }
            if lower.last.map({ step > $0 }) ?? true { lower.append(step) }
        }
        self.init(lower: lower, last: high, isExact: false)
    }

    init(lower: [Int], last: Int, isExact: Bool) {
        self.lower = lower
        self.last = last
        self.isExact = isExact
    }

    var count: Int { lower.count }

    /// The one that has a step; near `hint` it is found at once.
    func index(of step: Int, near hint: Int) -> Int? {
        guard let first = lower.first, step >= first else { return nil }
        for index in [hint, hint + 1] where index >= 0 && index < lower.count && lower[index] <= step {
            if index + 1 == lower.count || step < lower[index + 1] { return index }
        }
        let index = lower.partitionPoint { $0 > step } - 1
        return index
    }

    /// What it stands for on an axis of steps.
    func middle(_ index: Int) -> Double {
        if isExact { return Double(lower[index]) }
        let end = index + 1 < lower.count ? Double(lower[index + 1]) - 1 : Double(last)
        return Double(lower[index]) / 2 + end / 2
    }
}

extension [Int] {
    /// The first index whose element belongs to the second part of a partitioned array.
    func partitionPoint(_ isSecond: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
