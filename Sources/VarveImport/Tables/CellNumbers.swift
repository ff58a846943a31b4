import Varve

/// How a table spells its numbers: as programs do, as people in much of Europe do (`0,5`), or with commas between thousands.
///
/// What a comma means is told from all sampled cells together: `0,5` can only be a decimal comma, `1,234.5` and `1,234,567` only
/// thousands; `1,234` is either, and so it is a decimal comma only in a table whose cells aren't parted by commas and that has no
/// decimal point, and thousands only in one that has. Where the cells contradict each other, or nothing tells, they are texts.
struct CellNumbers: Equatable {
    enum Comma { case none, decimal, thousands }
    var comma = Comma.none

    /// What the cells of a table say of their commas.
    struct Evidence {
        private var hasPoint = false
        private var decimals = 0
        private var thousands = 0
        private var either = 0

        mutating func add(_ cell: RawSpan) {
            let text = CellValue.trimmed(cell)
            let length = text.withUnsafeBytes { $0.prefix { CellNumbers.isNumeral($0) }.count }
            guard length > 0 else { return }
            let numeral = text.extracting(0..<length)
            let (commas, points) = numeral.withUnsafeBytes { bytes in
                (bytes.count { $0 == UInt8(ascii: ",") }, bytes.count { $0 == UInt8(ascii: ".") })
            }
            guard commas > 0 else {
                if points == 1, DecimalNumber(numeral) != nil { hasPoint = true }
                return
            }
            let isDecimal = CellNumbers.normalised(numeral, .decimal) != nil
            let isGrouped = CellNumbers.normalised(numeral, .thousands) != nil
            switch (isDecimal, isGrouped) {
            case (true, true): either += 1
            case (true, false): decimals += 1
            case (false, true): thousands += 1
            case (false, false): break
            }
        }

        /// What commas mean in a table whose cells `separator` parts.
        func comma(_ separator: UInt8) -> Comma {
            if decimals > 0 { return hasPoint || thousands > 0 ? .none : .decimal }
            if thousands > 0 || either > 0 && hasPoint { return .thousands }
            return either > 0 && separator != UInt8(ascii: ",") ? .decimal : .none
        }
    }

    /// Reads a cell. A number may have a unit (``MeasuredNumber``), and `-`, `N/A`, `None` and the like are nothing logged.
    func read(_ cell: RawSpan) -> (value: CellValue, unit: String) {
        let plain = CellValue(cell)
        guard case .text = plain else { return (plain, "") }
        let text = CellValue.trimmed(cell)
        if Self.isNothing(text) { return (.blank, "") }
        if comma != .none, let bytes = Self.normalised(text, comma) {
            return Self.measured(bytes.span.bytes)
        }
        return Self.measured(text)
    }

    private static func measured(_ text: RawSpan) -> (value: CellValue, unit: String) {
        guard let found = MeasuredNumber(text) else { return (.text, "") }
        return (.number(found.number.value, integer: found.number.exactInteger), found.unit)
    }

    /// The step that a cell says, which may be the first of a total: `3/100`.
    func step(_ cell: RawSpan) -> Int64? {
        let (value, unit) = read(cell)
        if case .text = value { return Self.count(CellValue.trimmed(cell)) }
        return unit.isEmpty ? value.step : nil
    }

    /// The first number of `3/100`.
    private static func count(_ text: RawSpan) -> Int64? {
        guard text.byteCount <= 40 else { return nil }
        let parts = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = CellValue(String(parts[0])).step,
            let total = CellValue(String(parts[1])).step, count >= 0, count <= total
        else { return nil }
        return count
    }

    private static func isNothing(_ text: RawSpan) -> Bool {
        guard text.byteCount <= 6 else { return false }
        switch text.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }).lowercased() {
        case "-", "--", "—", "–", ".", "n/a", "na", "#n/a", "<na>", "null", "none", "nil", "nat": return true
        default: return false
        }
    }

    private static func isNumeral(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+")
    }

    /// A text that begins with a number of this spelling, its number spelt as programs do; nil if it isn't one with a comma.
    private static func normalised(_ text: RawSpan, _ comma: Comma) -> [UInt8]? {
        text.withUnsafeBytes { bytes in
            let (group, point) =
                comma == .decimal
                ? (UInt8(ascii: "."), UInt8(ascii: ",")) : (UInt8(ascii: ","), UInt8(ascii: "."))
            var result: [UInt8] = []
            var at = 0
            func isDigit(_ index: Int) -> Bool { index < bytes.count && (0x30...0x39).contains(bytes[index]) }
            func digits() -> Int {
                let start = at
                while isDigit(at) {
                    result.append(bytes[at])
                    at += 1
                }
                return at - start
            }
            if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
                result.append(first)
                at = 1
            }
            let first = digits()
            var groups = 0
            let isZero = first > 0 && bytes[at - first] == 0x30
            while first > 0, first <= 3, !isZero, at < bytes.count, bytes[at] == group, isDigit(at + 3),
                !isDigit(at + 4),
                isDigit(at + 1), isDigit(at + 2)
            {
                at += 1
                _ = digits()
                groups += 1
            }
            var hasPoint = false
            if at < bytes.count, bytes[at] == point {
                hasPoint = true
                result.append(UInt8(ascii: "."))
                at += 1
                guard digits() > 0 || first > 0 else { return nil }
            }
            guard comma == .decimal ? hasPoint : groups > 0 else { return nil }
            if at < bytes.count, bytes[at] == UInt8(ascii: ",") || bytes[at] == UInt8(ascii: ".") || isDigit(at) {
                return nil
            }
            result.append(contentsOf: bytes[at...])
            return result
        }
    }
}
