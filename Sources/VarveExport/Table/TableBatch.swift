import VarveImport

/// A column of an exported table.
struct TableColumn: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Text, numbered.
        case text
        case integer
        /// Nanoseconds since 1970, or nothing.
        case time
        case number
        /// A number, or nothing.
        case optionalNumber
    }

    var name: String
    var kind: Kind
}

/// Rows of a table, by column.
struct TableBatch: Sendable {
    enum Values: Sendable {
        /// Texts by their numbers, each as often as it comes in a row, and the texts.
        case texts([TextRun], [String])
        case integers([Int64])
        /// `Int64.min`: nothing.
        case times([Int64])
        case numbers([Double])
        /// Numbers, and which rows have one: a bit a row, the first row's the lowest of the first byte.
        case optionalNumbers([Double], present: [UInt8])
    }

    /// Consecutive rows that have the same text.
    struct TextRun: Hashable, Sendable {
        var number: Int32
        var count: Int
    }

    var rows: Int
    var columns: [Values]
}

extension [TableBatch.TextRun] {
    mutating func append(_ number: Int32, count: Int) {
        guard count > 0 else { return }
        if let last, last.number == number {
            self[self.count - 1].count += count
        } else {
            append(TableBatch.TextRun(number: number, count: count))
        }
    }
}

/// The long form: a row a point.
enum LongTable {
    /// - Parameter withAttempts: whether the attempt that logged each point comes last.
    static func columns(withAttempts: Bool) -> [TableColumn] {
        columns + (withAttempts ? [TableColumn(name: PointColumns.attempt, kind: .integer)] : [])
    }

    private static let columns = [
        TableColumn(name: "run", kind: .text), TableColumn(name: "name", kind: .text),
        TableColumn(name: "metric", kind: .text), TableColumn(name: "context", kind: .text),
        TableColumn(name: "step", kind: .integer), TableColumn(name: "time", kind: .time),
        TableColumn(name: "value", kind: .number),
    ]

    static func batch(_ points: PointBatch, withAttempts: Bool) -> TableBatch {
        func runs(_ number: (ExportLabels.Label) -> Int32) -> [TableBatch.TextRun] {
            var runs: [TableBatch.TextRun] = []
            for piece in points.pieces { runs.append(number(piece.label), count: piece.count) }
            return runs
        }
        let texts = points.texts
        var batch = TableBatch(
            rows: points.count,
            columns: [
                .texts(runs(\.run), texts.runs), .texts(runs(\.name), texts.names),
                .texts(runs(\.metric), texts.metrics), .texts(runs(\.context), texts.contexts),
                .integers(points.steps), .times(points.times), .numbers(points.values),
            ])
        if withAttempts {
            batch.columns.append(
                .integers(points.pieces.flatMap { repeatElement(Int64($0.attempt ?? 0), count: $0.count) }))
        }
        return batch
    }

    /// The texts of the columns that have some, in their order.
    static func texts(_ labels: ExportLabels) -> [[String]] {
        let texts = labels.texts
        return [texts.runs, texts.names, texts.metrics, texts.contexts]
    }
}
