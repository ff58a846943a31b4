import VarveFiles
import VarveFormat

/// What was measured and is no single number, at a step and in a context: a confusion matrix, a histogram, a report.
public struct Record: Hashable, Sendable {
    /// What it is called, and where it was measured, such as `confusion` with `subset: test`.
    public var metric: MetricKey
    /// The step it was logged at.
    public var step: Int?
    /// Nanoseconds since 1970.
    public var time: Int64
    /// What was measured.
    public var content: Content

    /// What a record may hold.
    public enum Content: Hashable, Sendable {
        case confusionMatrix(ConfusionMatrix)
        case histogram(Histogram)
        case classReport(ClassReport)

        init(_ body: RecordBody) {
            self =
                switch body {
                case .confusionMatrix(let stored): .confusionMatrix(ConfusionMatrix(stored))
                case .histogram(let stored): .histogram(Histogram(stored))
                case .classReport(let stored): .classReport(ClassReport(stored))
                }
        }

        /// Which kind it is.
        public var kind: Kind {
            switch self {
            case .confusionMatrix: .confusionMatrix
            case .histogram: .histogram
            case .classReport: .classReport
            }
        }

        var body: RecordBody {
            switch self {
            case .confusionMatrix(let matrix): .confusionMatrix(matrix.stored)
            case .histogram(let histogram): .histogram(histogram.stored)
            case .classReport(let report): .classReport(report.stored)
            }
        }
    }

    /// The kinds of records.
    public enum Kind: String, Sendable, CaseIterable {
        case confusionMatrix = "confusion matrix"
        case histogram
        case classReport = "class report"

        init?(code: UInt8) {
            switch code {
            case RecordBody.matrixCode: self = .confusionMatrix
            case RecordBody.histogramCode: self = .histogram
            case RecordBody.reportCode: self = .classReport
            default: return nil
            }
        }
    }
}

extension Run {
    /// Logs a confusion matrix. Its class report follows from it: there is no need to log that, too.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - context: what it was measured on, such as `["subset": "test"]`; the rank of the run is added.
    ///   - time: nanoseconds since 1970; nil: now.
    /// - Throws: `limit` if it is too large for a record; else what writing to the log throws. When this returns, it is in the log.
    public func log(
        confusionMatrix: ConfusionMatrix, name: String = "confusion", step: Int? = nil, context: [String: String] = [:],
        time: Int64? = nil
    ) throws(VarveError) {
        try log(.confusionMatrix(confusionMatrix), name: name, step: step, context: context, time: time)
    }

    /// Logs a histogram, such as of a layer's weights.
    public func log(
        histogram: Histogram, name: String, step: Int? = nil, context: [String: String] = [:], time: Int64? = nil
    ) throws(VarveError) {
        try log(.histogram(histogram), name: name, step: step, context: context, time: time)
    }

    /// Logs a class report of which the matrix isn't known.
    public func log(
        classReport: ClassReport, name: String = "report", step: Int? = nil, context: [String: String] = [:],
        time: Int64? = nil
    ) throws(VarveError) {
        try log(.classReport(classReport), name: name, step: step, context: context, time: time)
    }

    /// Logs a record of any kind.
    public func log(
        _ content: Record.Content, name: String, step: Int? = nil, context: [String: String] = [:], time: Int64? = nil
    ) throws(VarveError) {
        let context = contextWithRank(context)
        try Limits.check(metric: name, context: context)
        let entry = RecordEntry(
            step: step.map(Int64.init), time: time ?? wallTime, metric: MetricKey(name, context: context),
            body: content.body)
        let bytes = entry.bytes(codec: ColumnCodec())
        guard bytes.count <= Limits.maxRecordBytes else {
            throw VarveError(
                .limit, "the record \(name) can't be stored", expected: "at most \(Limits.maxRecordBytes) bytes",
                found: "\(bytes.count)", remedy: "store it as an artifact")
        }
        try append { appender, claimed throws(FileError) in
            try appender.append(records: [bytes], sequence: claimed)
        }
    }
}
