/// Cells of CSV as Python's `csv` and pandas write them: quoted only where a reader needs it.
package enum CSVText {
    /// Whether a cell that has this byte is quoted: a quotation mark, a comma, the end of a line.
    package static func isSpecial(_ byte: UInt8) -> Bool {
        byte == 0x22 || byte == 0x2C || byte == 0x0A || byte == 0x0D
    }

    /// A text as a cell.
    package static func cell(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result += "\"" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
