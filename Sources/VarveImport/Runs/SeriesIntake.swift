import Varve

/// One series on its way into a run.
final class SeriesIntake {
    let metric: MetricKey
    /// Which of its run's series it is, in the order of their appearance.
    let number: Int
    /// What the first of its points was called.
    var type: ValueType?
    /// What the run had of it when the import of a store began.
    let stored: PointHash
    /// What the source told so far; kept only where somebody will ask.
    private(set) var read = PointHash()
    private(set) var sum = PointSum()
    /// How to log it, and while which file of the run was open.
    var handle: (series: Series, file: Int)?
    /// Its name or context is beyond what the format can hold.
    var isUnusable = false
    /// What is stored isn't what the source begins with.
    private(set) var isChanged = false

    private let isCounted: Bool
    private let isAudited: Bool

    init(_ metric: MetricKey, _ number: Int, stored: PointHash?, isCounted: Bool, isAudited: Bool) {
        self.metric = metric
        self.number = number
        self.stored = stored ?? PointHash()
        self.isCounted = isCounted
        self.isAudited = isAudited
    }

    /// Takes note of a point that the source tells; returns whether it is to be stored.
    func take(step: Int64, time: Int64, value: Double) -> Bool {
        if isAudited { sum.add(step: step, time: time, value: value) }
        guard isCounted else {
            if isAudited { read.add(step: step, time: time, value: value) }
            return true
        }
        let isThere = read.count < stored.count
        if isThere || isAudited { read.add(step: step, time: time, value: value) }
        if isThere, read.count == stored.count, read.value != stored.value { isChanged = true }
        return !isThere && !isChanged
    }

    /// Fewer points came than are stored.
    var isShorter: Bool { isCounted && read.count < stored.count }
}
