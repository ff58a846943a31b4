import Varve

/// The names that a row of a table gives to the columns below it.
///
/// A header can come again further down: whoever appends to a table writes it anew at each start, and some with columns that
/// are new by then.
struct CSVHeader {
    /// The columns' names, no two the same; white space around them is dropped.
    private(set) var names: [String] = []
    /// Columns whose name another one has already.
    private(set) var doubled: [(first: String, readAs: String)] = []

    /// The first column has none.
    private(set) var isFirstNameless = false

    init() {}

    /// Takes a row's cells for names. `hasIndex`: the rows have a cell more, in front.
    init(_ reader: borrowing CSVReader, hasIndex: Bool = false) {
        var cells: [String] = hasIndex ? [""] : []
        for index in 0..<reader.count { cells.append(reader.trimmedText(index)) }
        self.init(cells)
    }

    /// The same of a row that begins with `#`.
    init(remark reader: borrowing CSVReader) {
        var cells: [String] = []
        for index in 0..<reader.count { cells.append(reader.trimmedText(index)) }
        if let first = cells.first { cells[0] = String(first.drop { $0 == "#" || $0 == " " }) }
        self.init(cells)
    }

    /// Takes these names; one that is empty is called by its place.
    init(_ cells: [String]) {
        isFirstNameless = cells.first?.isEmpty ?? false
        var seen: Set<String> = []
        for (index, cell) in cells.enumerated() {
            var name = cell.isEmpty ? "column \(index + 1)" : cell
            if seen.contains(name) {
                let first = name
                var number = 2
                while seen.contains("\(first) #\(number)") { number += 1 }
                name = "\(first) #\(number)"
                doubled.append((first, name))
            }
            seen.insert(name)
            names.append(name)
        }
    }

    /// The header that a row below this one is, if it is one: no cell is a number, and half of the names at least are there again.
    func next(_ reader: borrowing CSVReader) -> CSVHeader? {
        guard let first = names.first else { return nil }
        // Nearly every row has a number, mostly in its first cells.
        for index in 0..<reader.count { if case .number = CellValue(reader.cell(index)) { return nil } }
        if names.count == 1, reader.trimmedText(0) != first { return nil }
        let next = CSVHeader(reader)
        let known = Set(names)
        let again = next.names.count { known.contains($0) }
        return again > 0 && 2 * again >= names.count ? next : nil
    }
}

extension CSVReader {
    /// A cell as text, white space around it dropped.
    borrowing func trimmedText(_ index: Int) -> String {
        CellValue.trimmed(cell(index)).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The last row begins with `#`.
    var beginsWithRemark: Bool {
        count > 0 && cell(0).withUnsafeBytes { $0.first == UInt8(ascii: "#") }
    }

    /// No cell of the last row is text, and one at least is a number.
    var holdsNumbersOnly: Bool {
        var numbers = 0
        for index in 0..<count {
            switch CellValue(cell(index)) {
            case .blank: break
            case .number: numbers += 1
            case .text: return false
            }
        }
        return numbers > 0
    }
}
