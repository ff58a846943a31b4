/// Tells the steps of a printed log's lines.
///
/// A line's own counter of steps is its step; of several the one that ``LogWords/steps`` has first. A count within an epoch
/// (`Epoch: [2][10/100]`) becomes one over all epochs, epoch × total + count, epochs being counted from the 0 or 1 that the
/// log begins with; unless a count with a name (`step 500/1000`) turns out to go on from epoch to epoch. One without a total that
/// begins anew goes on from the last one of the epoch before (``EpochCounts``). Without a counter of steps the epoch is the step. Lines
/// about validation within an epoch, and those that name no step, are of where the training was last.
struct LogSteps {
    /// Where the last line was; nil: no line has said so.
    private(set) var last: Int64?
    private var epoch: Int64?
    /// The number of the first epoch, 0 or 1.
    private var base: Int64?
    /// The last count within an epoch, with its total.
    private var inner: (value: Int64, total: Int64)?
    /// Counts with a total go on from epoch to epoch.
    private var goesOn = false
    /// Lines whose epoch has a fraction.
    private var partial: Int64 = 0
    private var hasSteps = false
    private var counts = EpochCounts()

    /// Takes what a line counts; returns its counters that aren't its step, to be kept as metrics.
    mutating func take(_ line: LogLine) -> [LogLine.Counter] {
        var others: [LogLine.Counter] = []
        let isTraining = line.subset == nil || line.subset == "train"
        let chosen = line.steps.min { Self.rank($0) < Self.rank($1) }
        for counter in line.steps where counter != chosen && !counter.word.isEmpty { others.append(counter) }
        guard let chosen else {
            if let counter = line.epoch {
                takeEpoch(counter.value)
                if hasSteps { others.append(counter) }
            } else if line.hasPartialEpoch {
                last = partial
                partial += 1
            }
            return others
        }
        if let counter = line.epoch { others.append(counter) }
        let isNameless = chosen.word.isEmpty
        guard LogWords.restarting.contains(chosen.word), let total = chosen.total,
            let now = line.epoch?.value ?? (isNameless ? epoch : nil)
        else {
            if isNameless, !isTraining, last != nil { return others }
            if let counter = line.epoch { begin(counter.value) }
            (last, hasSteps) = (chosen.value, true)
            if chosen.total == nil, let counter = line.epoch, LogWords.restarting.contains(chosen.word) {
                last = counts.step(chosen.value, in: counter.value, isTraining: isTraining)
                if last != chosen.value, !isNameless { others.append(chosen) }
            }
            return others
        }
        if !isTraining {
            if last == nil { last = now }
            return others
        }
        if !isNameless, let inner, let epoch, now > epoch, inner.total == total, chosen.value > inner.value {
            goesOn = true
        }
        begin(now)
        inner = (chosen.value, total)
        last = goesOn ? chosen.value : position(chosen.value, total)
        hasSteps = true
        return others
    }

    private static func rank(_ counter: LogLine.Counter) -> Int {
        LogWords.steps.firstIndex(of: counter.word) ?? LogWords.steps.count
    }

    private mutating func begin(_ now: Int64) {
        if base == nil { base = now == 0 ? 0 : 1 }
        epoch = now
    }

    /// A line that names an epoch and nothing within it.
    private mutating func takeEpoch(_ now: Int64) {
        let isNew = now != epoch
        begin(now)
        if !hasSteps {
            last = now
        } else if isNew, !goesOn, let total = inner?.total {
            last = position(0, total)
        }
    }

    /// A count within the epoch as one over all epochs.
    private func position(_ count: Int64, _ total: Int64) -> Int64 {
        guard let epoch, let base else { return count }
        let (before, over) = (epoch &- base).multipliedReportingOverflow(by: total)
        let (sum, carry) = before.addingReportingOverflow(count)
        return over || carry ? count : sum
    }
}
