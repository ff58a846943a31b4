extension FilterParser {
    func error(_ message: String, at range: Range<Int>? = nil, code: VarveError.Code = .invalid) -> VarveError {
        Self.error(message, in: text, at: range ?? current.range, code: code)
    }

    /// An error whose message shows the place: the message, then the text, then a line of carets below the bytes of
    /// `range`.
    static func error(
        _ message: String, in text: String, at range: Range<Int>, code: VarveError.Code = .invalid
    ) -> VarveError {
        let shownBytes = 60
        let bytes = Array(text.utf8)
        var start = max(0, range.lowerBound - shownBytes / 2)
        if start < shownBytes / 4 { start = 0 }
        while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
        var end = min(bytes.count, start + shownBytes)
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        func shown(_ part: Range<Int>) -> String {
            let scalars = String(decoding: bytes[part], as: UTF8.self).unicodeScalars
            return String(String.UnicodeScalarView(scalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        }
        let lower = min(max(range.lowerBound, start), bytes.count)
        let upper = min(max(range.upperBound, lower), max(end, lower))
        let before = (start > 0 ? "…" : "") + shown(start..<lower)
        let line = (start > 0 ? "…" : "") + shown(start..<end) + (end < bytes.count ? "…" : "")
        let carets = String(repeating: "^", count: max(1, shown(lower..<upper).count))
        return VarveError(
            code, "\(message)\n    \(line)\n    \(String(repeating: " ", count: before.count))\(carets)")
    }

    func unknownName(_ name: String) -> VarveError {
        if FilterNames.textTests.contains(name) || FilterNames.words.contains(name) {
            return error("expected a name, a number or text in quotes before '\(name)'")
        }
        if name.isEmpty { return error("expected a name here") }
        // After a comparison's sign a bare word is most likely text whose quotes the shell took.
        if index > 0, case .sign(let sign) = tokens[index - 1].kind, FilterComparison(rawValue: sign) != nil {
            return error("unknown name '\(name)'; text stands in quotes: \"\(name)\"")
        }
        let known = FilterNames.groups + FilterNames.fields + FilterNames.metricRoots
        // A name of two letters is near many; most likely it is a param's.
        let isLong = name.utf8.count > 2
        if isLong, let nearest = FilterNames.nearest(to: name, among: known + FilterNames.words) {
            return error("unknown name '\(name)'; did you mean '\(nearest)'?")
        }
        return error(
            "unknown name '\(name)'; a param is written params.\(name), and there are \(known.joined(separator: ", "))")
    }

    func noCondition() -> VarveError {
        error("there is no condition; an example: params.lr > 0.01 and not status == \"failed\"")
    }

    func unexpectedAfterCondition() -> VarveError {
        switch current.kind {
        case .word(let word):
            if FilterNames.clauses.contains(word) {
                return error("'\(word)' has no meaning here, where only a condition is asked for")
            }
            let known = ["and", "or", "in"] + FilterNames.textTests + FilterNames.clauses
            if let nearest = FilterNames.nearest(to: word, among: known) {
                return error("unknown operator '\(word)'; did you mean '\(nearest)'?")
            }
            return error("expected 'and' or 'or' before this")
        case .sign(let sign): return error(hint(for: sign) ?? "expected 'and', 'or' or the end here")
        default: return error("expected 'and', 'or' or the end here")
        }
    }

    func expectedComparison(after operand: Operand) -> VarveError {
        switch current.kind {
        case .sign(let sign):
            if let hint = hint(for: sign) { return error(hint) }
        case .word(let word) where word != "and" && word != "or":
            let operators = ["in", "not in"] + FilterNames.textTests
            if let nearest = FilterNames.nearest(to: word, among: operators) {
                return error("unknown operator '\(word)'; did you mean '\(nearest)'?")
            }
            return error("unknown operator '\(word)'; there are \(Self.signs), \(operators.joined(separator: ", "))")
        default: break
        }
        return error("expected a comparison (\(Self.signs), in, contains) after this", at: operand.range)
    }

    private static let signs = FilterComparison.allCases.map(\.rawValue).joined(separator: ", ")

    private func hint(for sign: String) -> String? {
        switch sign {
        case "=": "unknown operator '='; did you mean '=='?"
        case "~": "unknown operator '~'; did you mean 'matches'?"
        case "!": "unknown operator '!'; did you mean '!=' or 'not'?"
        case "&", "&&": "unknown operator '\(sign)'; did you mean 'and'?"
        case "|", "||": "unknown operator '\(sign)'; did you mean 'or'?"
        case "+", "-", "%": "there is no arithmetic in a filter"
        case "[": "brackets follow a name directly, or the word 'in'"
        case ")": "there is no '(' for this"
        default: nil
        }
    }
}
