import VarveFormat

/// The confusion matrices of one name and context in a group of runs, as one: added up, and averaged.
public struct MatrixGroup: Sendable {
    /// What they are called, and where they were measured.
    public let metric: MetricKey
    /// The runs that have one, in the order in which they were added.
    public private(set) var runs: [RunID] = []
    /// The steps at which they were logged.
    public private(set) var steps: Set<Int> = []
    /// Their sum, class by class.
    public private(set) var sum: ConfusionMatrix
    private var reports: [ClassReport] = []

    /// No matrices yet.
    public init(_ metric: MetricKey) {
        self.metric = metric
        sum = ConfusionMatrix(StoredMatrix(labels: [], positions: [], counts: []))
    }

    /// Adds a run's.
    ///
    /// - Throws: `limit` if the sum has more classes or cells than one matrix may.
    public mutating func add(_ matrix: ConfusionMatrix, of run: RunID, step: Int?) throws(VarveError) {
        sum = runs.isEmpty ? matrix : try ConfusionMatrix.sum([sum, matrix])
        runs.append(run)
        if let step { steps.insert(step) }
        reports.append(ClassReport(matrix))
    }

    /// The sum, divided by the number of runs.
    public func mean() throws(VarveError) -> ConfusionMatrix {
        runs.count < 2 ? sum : try sum.divided(by: Double(runs.count))
    }

    /// What follows from the sum: every example counts the same.
    public var reportOfSum: ClassReport { ClassReport(sum) }

    /// The mean of the runs' own reports: every run counts the same.
    public var meanReport: ClassReport { reports.count == 1 ? reports[0] : ClassReport.mean(reports) }
}

extension Snapshot {
    /// The last confusion matrix of each of several runs, put together by name and context; ordered by these.
    public func matrixGroups(of runs: [RunID], _ choice: RecordChoice) throws(VarveError) -> [MatrixGroup] {
        var groups: [MetricKey: MatrixGroup] = [:]
        for run in runs {
            for (metric, record) in try lastRecords(of: run, choice) {
                guard case .confusionMatrix(let matrix) = record.content else { continue }
                try groups[metric, default: MatrixGroup(metric)].add(matrix, of: run, step: record.step)
            }
        }
        return groups.values.sorted { $0.metric < $1.metric }
    }
}
