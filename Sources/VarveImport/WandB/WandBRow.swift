import Varve

/// A row of a W&B history: what one call of `log` held.
///
/// The row's step is `_step` (W&B's count of rows, which the caller can set), its time `_timestamp`: they stand with each
/// point and are no metrics of their own. Another key can be made the step; then `_step` is a metric, and a row without that
/// key has the step of the row before it. Numbers and truth values are points, texts are texts. Nested dictionaries become
/// dotted names; one with a `_type` is a medium: a histogram is a record; what names files (images, tables, audio, …) becomes
/// artifacts at the row's step, where the files lie beside the log; the rest is counted.
struct WandBRow {
    static let stepName = "_step"
    static let timeName = "_timestamp"

    private let stepName: String
    /// The step of the row at hand, or of the last one.
    private(set) var step: Int64 = 0

    /// Where the files of media lie.
    private let beside: WandBFiles?

    init(stepName: String?, beside: WandBFiles?) {
        self.stepName = stepName ?? Self.stepName
        self.beside = beside
    }

    mutating func store(
        _ history: WandBHistory, in sink: any RunSink, _ complain: (String) -> Void
    ) throws(VarveError) {
        let values = WandBValue.collect(history.item, complain)
        let media = WandBValue.media(among: values)
        var time = WallTime.none
        var isStepped = false
        for (path, value) in values where path.count == 1 {
            if path[0] == stepName {
                if let number = value.wholeNumber {
                    step = number
                    isStepped = true
                } else {
                    complain("\(value) is no step: the one before it counts,")
                }
            } else if path[0] == Self.timeName, let seconds = value.doubleValue {
                if let found = WallTime.nanoseconds(seconds) { time = found } else { complain("\(value) is no time") }
            }
        }
        if !isStepped, stepName == Self.stepName, history.hasRow { step = history.row.number }
        for (path, kind) in media {
            if kind == WandBValue.histograms, let histogram = WandBValue.histogram(at: path, among: values) {
                try sink.record(.histogram(histogram), name: path.joined(separator: "."), step: step, time: time)
            } else {
                try store(WandBValue.files(at: path, among: values), kind, sink)
            }
        }
        for (path, value) in values {
            if path.count == 1, path[0] == stepName || path[0] == Self.timeName { continue }
            if path[0] == WandBValue.internalName || WandBValue.isPart(path, of: media) { continue }
            try store(value, path.joined(separator: "."), time, sink)
        }
    }

    /// Keeps the files of a medium.
    private func store(_ files: [String], _ kind: String, _ sink: any RunSink) throws(VarveError) {
        let found = files.compactMap { file in beside?.path(of: file).map { (file, $0) } }
        for (name, path) in found { try sink.artifact(path, name: name, step: step) }
        if found.isEmpty { sink.skipped(kind) }
        if found.count < files.count, !found.isEmpty { sink.skipped("\(kind) whose files are gone") }
    }

    private func store(_ value: JSONValue, _ name: String, _ time: Int64, _ sink: any RunSink) throws(VarveError) {
        switch value {
        case .null: sink.skipped("values that are null")
        case .bool(let flag): try sink.point(name, step: step, time: time, value: flag ? 1 : 0, type: .integer)
        case .int(let number):
            if Int64(exactly: Double(number)) != number { sink.rounded() }
            try sink.point(name, step: step, time: time, value: Double(number), type: .double)
        case .double(let number): try sink.point(name, step: step, time: time, value: number, type: .double)
        case .string(let text):
            if case .number(let number, nil) = CellValue(text), !number.isFinite {
                try sink.point(name, step: step, time: time, value: number, type: .double)
            } else {
                try sink.text(text, name: name, step: step, time: time)
            }
        case .array: sink.skipped("lists under the key \(name)")
        case .object: sink.skipped("empty dictionaries")
        }
    }
}

extension JSONValue {
    /// The integer that a number is, if it is one.
    fileprivate var wholeNumber: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): CellValue.wholeNumber(number)
        default: nil
        }
    }
}
