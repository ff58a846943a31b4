import Varve
import VarveImport

/// Writes rows of a wide table as CSV: numbers and times as in the long form, and nothing where a row has none.
final class WideCSV {
    private let buffer = TextBuffer(capacity: 1 << 17)
    private var date = TimeText.Date()
    private static let comma = UInt8(ascii: ",")

    /// The names of the columns. The run's name is left out.
    static func header(_ columns: [TableColumn]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (number, column) in columns.enumerated() where number != nameColumn {
            if number > 0 { bytes.append(comma) }
            PointFormatter.cell(column.name, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The column that the table has for the runs' names; here the first column has them, where no two are the same.
    private static let nameColumn = 1

    /// - Parameter names: what runs are called, by their IDs' texts.
    func encode(_ batch: TableBatch, names: [String: String]) -> [UInt8] {
        let texts = batch.columns.enumerated().map { number, column in cells(column, number, names) }
        for row in 0..<batch.rows {
            for (number, column) in batch.columns.enumerated() where number != Self.nameColumn {
                if number > 0 { buffer.append([Self.comma]) }
                switch column {
                case .texts: buffer.append(texts[number][row])
                case .integers(let numbers):
                    buffer.append(room: DecimalText.room) { DecimalText.write(numbers[row], to: $0) }
                case .times(let times):
                    guard times[row] != .min else { continue }
                    buffer.append(room: TimeText.room) { TimeText.write(times[row], &date, to: $0) }
                case .numbers(let numbers): append(numbers[row])
                case .optionalNumbers(let numbers, let present):
                    if present[row >> 3] >> UInt8(row & 7) & 1 == 1 { append(numbers[row]) }
                }
            }
            buffer.append([UInt8(ascii: "\n")])
        }
        return buffer.take()
    }

    private func append(_ number: Double) {
        buffer.append(room: DecimalText.room) { PointLine.write(number, to: $0) }
    }

    /// A context as it stands in the long form.
    private static func context(_ json: String) -> String {
        let members = (try? JSONValue(parsing: json))?.objectValue?.members ?? []
        return PointColumns.text(
            members.map { MetricKey.ContextPair(key: $0.key, value: $0.value.stringValue ?? "") })
    }

    /// The texts of a column, row by row.
    private func cells(_ column: TableBatch.Values, _ number: Int, _ names: [String: String]) -> [[UInt8]] {
        guard case .texts(let runs, let texts) = column, number != Self.nameColumn else { return [] }
        var cells: [[UInt8]] = []
        for run in runs {
            let text = texts[Int(run.number)]
            var cell: [UInt8] = []
            PointFormatter.cell(number == 0 ? names[text] ?? text : Self.context(text), to: &cell)
            cells += repeatElement(cell, count: run.count)
        }
        return cells
    }
}
