import VarveFiles
import VarveFormat

/// How long something takes, as it is written: a number and a unit, such as `90s` or `1.5h`.
enum FilterDuration {
    private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// Seconds; nil if it isn't written so.
    static func seconds(_ text: String) -> Double? {
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number.isFinite else {
            return nil
        }
        return number * unit
    }
}

extension FilterParser {
    /// `now`, `now - 30d`, `now + 1h`: the time at which the expression is read, and what lies so far before or behind it.
    mutating func now() throws(VarveError) -> Operand {
        let start = current.range.lowerBound
        index += 1
        var time = Environment.process.host.wallTime()
        let isBefore = current.kind == .sign("-")
        if isBefore || current.kind == .sign("+") {
            index += 1
            guard case .duration(let seconds) = current.kind else {
                throw error("expected a time such as 12h, 30d or 2w after the sign")
            }
            // Beyond it every run lies on one side.
            let offset = Int64((min(seconds, 9e9) * 1e9).rounded())
            let (sum, isOver) =
                isBefore ? time.subtractingReportingOverflow(offset) : time.addingReportingOverflow(offset)
            time = isOver ? (isBefore ? .min + 1 : .max) : sum
            index += 1
        }
        let range = start..<tokens[index - 1].range.upperBound
        return Operand(value: .literal(.string(TimeText.text(time))), range: range)
    }
}
