import Varve

/// A printed line, cut into words, numbers and marks.
struct LogTokens {
    enum Token: Equatable {
        case word(String)
        /// A number; `isWhole` if it is spelt without point and exponent. `unit` stands right behind it.
        case number(Double, isWhole: Bool, unit: String)
        /// `nan`, `inf` and the like, which may be mere words, too.
        case wordNumber(Double, String)
        /// `3/100`.
        case fraction(Int64, of: Int64)
        /// `1:02:03`, or a date.
        case clock
        /// What parts words: a comma, a bracket, a colon, a tabulator, … or a dash that stands alone.
        case mark(UInt8)
    }

    private(set) var all: [Token] = []
    private let text: [UInt8]

    private static let marks: Set<UInt8> = Set(",;|()[]{}:=<>\t".utf8)
    private static let brackets: Set<UInt8> = Set("[({".utf8)
    private static let quotes: Set<UInt8> = Set("\"'`*".utf8)

    init(_ text: [UInt8]) {
        self.text = text
        var at = 0
        while let byte = self[at] {
            if byte == 0x20 {
                at += 1
            } else if Self.marks.contains(byte) {
                all.append(.mark(byte))
                at += 1
            } else {
                at = take(from: at)
            }
        }
    }

    private subscript(index: Int) -> UInt8? { index < text.count ? text[index] : nil }

    private func isDigit(_ index: Int) -> Bool { self[index].map { (0x30...0x39).contains($0) } ?? false }

    private func skipDigits(_ start: Int) -> Int {
        var at = start
        while isDigit(at) { at += 1 }
        return at
    }

    /// The number that digits are, if it fits.
    private func whole(_ range: Range<Int>) -> Int64? { Int64(String(decoding: text[range], as: UTF8.self)) }

    /// Takes what stands between two marks or spaces; returns where it ends.
    private mutating func take(from first: Int) -> Int {
        var start = first
        var end = first
        while let byte = self[end], byte != 0x20, !Self.marks.contains(byte) { end += 1 }
        let next = end
        while start < end, Self.quotes.contains(text[start]) { start += 1 }
        while end > start, Self.quotes.contains(text[end - 1]) { end -= 1 }
        guard start < end else { return next }
        if let after = takeClock(start) ?? takeFraction(start) ?? takeThousands(start) { return after }
        // The full stop of a sentence.
        if end - start > 1, text[end - 1] == UInt8(ascii: ".") || text[end - 1] == UInt8(ascii: "!") { end -= 1 }
        let measured = MeasuredNumber(text.span.bytes.extracting(start..<end))
        if let measured {
            let isWhole = text[start..<end].allSatisfy { !".eE".utf8.contains($0) } && measured.number.value.isFinite
            all.append(.number(measured.number.value, isWhole: isWhole, unit: measured.unit))
        } else if takeSpread(start..<end) {
            return next
        } else {
            word(start..<end)
        }
        return next
    }

    private mutating func word(_ range: Range<Int>) {
        let text = String(decoding: text[range], as: UTF8.self)
        if case .number(let value, nil) = CellValue(text), !value.isFinite {
            all.append(.wordNumber(value, text))
        } else if text == "±" || text == "+/-" || text == "+" {
            all.append(.mark(UInt8(ascii: "+")))
        } else if text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0 == "_" }) {
            all.append(.word(text))
        } else {
            all.append(.mark(UInt8(ascii: "-")))
        }
    }

    /// `0.5+0.01`: a mean and how far its values spread, as cross-validation prints them.
    private mutating func takeSpread(_ range: Range<Int>) -> Bool {
        let text = text
        let length = MeasuredNumber.numberLength(text.span.bytes.extracting(range))
        let plus = range.lowerBound + length
        guard length > 0, plus + 1 < range.upperBound, text[plus] == UInt8(ascii: "+"),
            let mean = DecimalNumber(text.span.bytes.extracting(range.lowerBound..<plus)),
            let spread = DecimalNumber(text.span.bytes.extracting((plus + 1)..<range.upperBound))
        else { return false }
        all.append(.number(mean.value, isWhole: false, unit: ""))
        all.append(.mark(UInt8(ascii: "+")))
        all.append(.number(spread.value, isWhole: false, unit: ""))
        return true
    }

    /// `1,234,567`; right behind a bracket it may be a list.
    private mutating func takeThousands(_ start: Int) -> Int? {
        if start > 0, Self.brackets.contains(text[start - 1]) { return nil }
        var at = skipDigits(start)
        guard (1...3).contains(at - start), self[start] != 0x30 else { return nil }
        var digits = Array(text[start..<at])
        while self[at] == UInt8(ascii: ","), skipDigits(at + 1) == at + 4 {
            digits += text[(at + 1)..<(at + 4)]
            at += 4
        }
        guard digits.count > 3, self[at].map({ $0 == 0x20 || Self.marks.contains($0) }) ?? true,
            let number = Double(String(decoding: digits, as: UTF8.self))
        else { return nil }
        all.append(.number(number, isWhole: true, unit: ""))
        return at
    }

    /// `3/100`, also with spaces around the slash; what else goes on behind a slash (a date, a path) is none.
    private mutating func takeFraction(_ start: Int) -> Int? {
        func skipSpaces(_ start: Int) -> Int {
            var at = start
            while self[at] == 0x20 { at += 1 }
            return at
        }
        let end = skipDigits(start)
        guard end > start else { return nil }
        let slash = skipSpaces(end)
        guard self[slash] == UInt8(ascii: "/") else { return nil }
        let second = skipSpaces(slash + 1)
        let last = skipDigits(second)
        guard last > second,
            self[last].map({ $0 == 0x20 || Self.marks.contains($0) || Self.quotes.contains($0) }) ?? true,
            let part = whole(start..<end), let total = whole(second..<last)
        else { return nil }
        all.append(.fraction(part, of: total))
        return last
    }

    /// `1:02:03`, `12:30`, `2026-01-31`; a day and a month in front of a time (`01/31 12:30:00`) go with it.
    private mutating func takeClock(_ start: Int) -> Int? {
        let end = skipDigits(start)
        guard end > start, end - start <= 4 else { return nil }
        let separator = self[end]
        guard separator == UInt8(ascii: ":") || separator == UInt8(ascii: "-") else { return nil }
        var at = end
        var parts = 1
        while self[at] == separator, skipDigits(at + 1) == at + 3 {
            at += 3
            parts += 1
        }
        if separator == UInt8(ascii: ":") {
            guard parts > 1 else { return nil }
            // `3:10.5` may be anything; `0:03:10.5` is a time.
            if self[at] == UInt8(ascii: ".") || self[at] == UInt8(ascii: ",") && isDigit(at + 1) {
                guard parts > 2 else { return nil }
                at = skipDigits(at + 1)
            }
            if case .fraction = all.last { all.removeLast() }
        } else {
            guard parts == 3, end - start == 4 else { return nil }
        }
        guard self[at].map({ $0 == 0x20 || $0 == UInt8(ascii: "T") || Self.marks.contains($0) }) ?? true else {
            return nil
        }
        all.append(.clock)
        return at
    }
}
