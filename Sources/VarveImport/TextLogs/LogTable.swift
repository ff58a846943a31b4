import Varve

/// A table within a printed log, as spaCy prints one: names, a rule of dashes that shows how wide each column is, and rows.
///
///     E    #       LOSS NER  SCORE
///     ---  ------  --------  ------
///       0     200     52.00    0.25
struct LogTable {
    private var names: [String] = []
    /// The line in front of the one at hand, which may hold the names.
    private var before: [UInt8] = []
    private static let dash = UInt8(ascii: "-")
    /// The step's name in spaCy's tables, and short for its epoch.
    private static let (count, epoch) = ("#", "E")

    /// Takes a line. `row`: what it holds if it is a row; `isPart`: it belongs to a table, and says nothing else.
    mutating func take(_ line: [UInt8]) -> (row: LogBox.Content?, isPart: Bool) {
        defer { before = line }
        if let columns = Self.columns(line) {
            names = columns.map { range in
                let name = before.dropFirst(range.lowerBound).prefix(range.count)
                return String(decoding: name, as: UTF8.self).split(separator: " ").joined(separator: " ")
            }
            // Without names it is an ornament.
            if names.contains(where: \.isEmpty) || Set(names).count < names.count { names = [] }
            return (nil, !names.isEmpty)
        }
        guard !names.isEmpty else { return (nil, false) }
        let cells = line.split { $0 == 0x20 || $0 == 0x09 }
        guard cells.count == names.count else {
            names = []
            return (nil, false)
        }
        var content = LogBox.Content()
        for (name, cell) in zip(names, cells) {
            guard case .number(let value, let integer) = CellValue(Array(cell).span.bytes) else {
                content.otherRows += 1
                continue
            }
            let isStep = name.hasSameBytes(as: Self.count) || StepChoice.stepNames.contains(name.lowercased())
            if isStep, content.step == nil, let integer {
                content.step = integer
            } else {
                content.rows.append(LogBox.Row(name: name.hasSameBytes(as: Self.epoch) ? "epoch" : name, value: value))
            }
        }
        guard content.step != nil, !content.rows.isEmpty else {
            names = []
            return (nil, false)
        }
        return (content, true)
    }

    /// Where the columns stand that a rule shows; nil if a line is none.
    private static func columns(_ line: [UInt8]) -> [Range<Int>]? {
        guard line.first == dash, line.allSatisfy({ $0 == dash || $0 == 0x20 }) else { return nil }
        var columns: [Range<Int>] = []
        for part in line.split(separator: 0x20) { columns.append(part.startIndex..<part.endIndex) }
        return columns.count > 2 ? columns : nil
    }
}
