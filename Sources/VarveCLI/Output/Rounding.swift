import Glibc
import Varve

/// How many digits numbers of a report have.
struct Rounding: Hashable, Sendable {
    /// Digits after the point; nil: five significant ones for people, all for machines.
    var decimals: Int?

    /// A figure; nil: there is none.
    func cell(_ value: Double?) -> Cell {
        guard let value else { return Cell(value: .null, wording: .text("–")) }
        guard let decimals, value.isFinite else {
            return Cell(value: .double(value), wording: .text(HumanText.number(value, digits: 5)))
        }
        let text = Self.fixed(value, decimals)
        return Cell(value: .double(Double(text) ?? value), wording: .text(text))
    }

    /// Correctly rounded, as `printf` does.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        var buffer: [CChar] = Array(repeating: 0, count: 400)
        let count = withVaList([Int32(decimals), value]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        let text = buffer.prefix(Int(max(0, min(count, 399)))).map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self)
    }
}
