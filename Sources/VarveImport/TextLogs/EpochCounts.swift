/// Makes one count over a whole training of counts that begin anew with each epoch (`epoch: 2, iters: 100`).
///
/// What an epoch counted up to isn't written anywhere; so the next one goes on from the last count that was logged in it. Rows
/// about validation count batches of their own: they are of where the training was last.
struct EpochCounts {
    private var epoch: Int64?
    /// The highest count in this epoch.
    private var last: Int64 = 0
    /// What the epochs before this one add up to.
    private var base: Int64 = 0
    /// The same for each epoch that was begun, for a training that goes back to one.
    private var bases: [Int64: Int64] = [:]

    /// Where in the training a count stands.
    mutating func step(_ count: Int64, in now: Int64, isTraining: Bool) -> Int64 {
        guard isTraining else { return now == epoch && count < last ? sum(base, last) : sum(base, count) }
        guard now == epoch else {
            if let epoch, now > epoch {
                if count < last { base = sum(base, last) }
            } else {
                base = bases[now] ?? 0
            }
            bases[now] = base
            (epoch, last) = (now, count)
            return sum(base, count)
        }
        last = max(last, count)
        return sum(base, count)
    }

    private func sum(_ base: Int64, _ count: Int64) -> Int64 {
        let (sum, isOver) = base.addingReportingOverflow(count)
        return isOver ? count : sum
    }
}
