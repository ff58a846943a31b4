/// Which steps of a stretch count: those that the query wants, below what superseded the rest.
struct StepLimits {
    private(set) var lower = Int64.min
    private(set) var upper = Int64.max
    private(set) var isEmpty = false

    /// - Parameter below: the first step that doesn't count.
    init(_ query: Query, below: Int64?) {
        if let steps = query.steps { (lower, upper) = (Int64(steps.lowerBound), Int64(steps.upperBound)) }
        guard let below else { return }
        if below == .min { isEmpty = true } else { upper = min(upper, below - 1) }
        if lower > upper { isEmpty = true }
    }

    init(_ query: Query, _ part: SeriesPart) { self.init(query, below: part.below) }

    /// Every step counts.
    var isUnlimited: Bool { !isEmpty && lower == .min && upper == .max }

    func contains(_ step: Int64) -> Bool { !isEmpty && lower <= step && step <= upper }

    /// All of them count.
    func contains(_ steps: ClosedRange<Int64>) -> Bool { contains(steps.lowerBound) && contains(steps.upperBound) }

    /// None of them counts.
    func excludes(_ steps: ClosedRange<Int64>) -> Bool {
        isEmpty || steps.upperBound < lower || steps.lowerBound > upper
    }
}
