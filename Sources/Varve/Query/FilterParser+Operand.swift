extension FilterParser {
    /// One side of a comparison, and where it stands.
    struct Operand {
        var value: FilterOperand
        var range: Range<Int>
        /// Set where the path's last name was one of the text tests and a parenthesis follows.
        var method: String?
    }

    mutating func operand() throws(VarveError) -> Operand {
        let token = current
        switch token.kind {
        case .string(let text): return literal(.string(text), token)
        case .int(let number): return literal(.int(number), token)
        case .double(let number): return literal(.double(number), token)
        case .sign("-"), .sign("+"): return try signedNumber()
        case .word("true"), .word("True"): return literal(.bool(true), token)
        case .word("false"), .word("False"): return literal(.bool(false), token)
        case .word("none"), .word("None"), .word("null"): return literal(.null, token)
        case .word("inf"): return literal(.double(.infinity), token)
        case .duration(let seconds): return literal(.double(seconds), token)
        case .word("now"): return try now()
        case .word("datetime") where tokens[index + 1].kind == .sign("("): return try date()
        case .word: return try path()
        case .sign("("): throw error("a condition in parentheses can't be compared")
        case .sign, .end: throw error("expected a name, a number or text in quotes here")
        }
    }

    private mutating func literal(_ value: PropertyValue, _ token: FilterToken) -> Operand {
        index += 1
        return Operand(value: .literal(value), range: token.range)
    }

    private mutating func signedNumber() throws(VarveError) -> Operand {
        let sign = current
        let isNegative = sign.kind == .sign("-")
        index += 1
        let token = current
        let range = sign.range.lowerBound..<token.range.upperBound
        var operand: Operand
        switch token.kind {
        // Int64.min has no positive counterpart; the lexer makes a double of it, which is exact.
        case .int(let number): operand = literal(.int(isNegative ? -number : number), token)
        case .double(let number): operand = literal(.double(isNegative ? -number : number), token)
        case .word("inf"): operand = literal(.double(isNegative ? -.infinity : .infinity), token)
        default: throw error("expected a number after the sign")
        }
        operand.range = range
        return operand
    }

    /// `params.lr`, `run.params.model.depth`, `params["batch-size"]`, `name`, `metric.last`, `metrics["loss"].min`.
    private mutating func path() throws(VarveError) -> Operand {
        let start = current.range.lowerBound
        var names: [String] = []
        if word == "run", tokens[index + 1].kind == .sign(".") {
            index += 2
        } else if word == "run", tokens[index + 1].kind == .sign("["),
            current.range.upperBound == tokens[index + 1].range.lowerBound
        {
            index += 1
            names = try bracket()
        }
        let rootToken = current
        var root = word ?? ""
        if names.isEmpty { index += 1 } else { root = names.removeFirst() }
        root = FilterNames.aliases[root] ?? root
        guard
            FilterNames.groups.contains(root) || FilterNames.fields.contains(root)
                || FilterNames.metricRoots.contains(root)
        else {
            if names.isEmpty, index > 0 { index -= 1 }
            throw unknownName(root)
        }
        if root == "metrics", names.isEmpty, let operand = try seriesFigure(from: start) { return operand }
        var method: String?
        while let next = try nextNames() {
            if let name = next.first, tokens[index].kind == .sign("("), FilterNames.textTests.contains(name) {
                method = name
                break
            }
            names += next
        }
        let range = start..<tokens[index - 1].range.upperBound
        if case .sign("-") = current.kind, current.range.lowerBound == range.upperBound,
            case .word = tokens[index + 1].kind
        {
            throw error(
                "a name with '-' stands in brackets: \(root)[\"…\"]", at: range.lowerBound..<current.range.upperBound)
        }
        return Operand(value: try value(root, names, range, rootToken), range: range, method: method)
    }

    private mutating func value(
        _ root: String, _ names: [String], _ range: Range<Int>, _ rootToken: FilterToken
    ) throws(VarveError) -> FilterOperand {
        if FilterNames.fields.contains(root) {
            if let extra = names.first {
                throw error("'\(root)' has no parts, so '.\(extra)' can't follow it", at: range)
            }
            // Who asks for it wants to see archived runs.
            if root == FilterNames.archived { keys.insert(root) }
            return .property(root)
        }
        if root == MetricPart.rankKey { return .metric(try metricPart([root] + names, range)) }
        if root == "metric" { return .metric(try metricPart(names, range)) }
        guard !names.isEmpty else {
            if root == "tags" {
                throw error("tags are asked for by: \"baseline\" in tags, or tags.baseline", at: rootToken.range)
            }
            throw error("a name must follow '\(root)', as in \(root).lr", at: rootToken.range)
        }
        if root == "metrics" { return series(names) }
        let joined = names.joined(separator: ".")
        let key =
            switch root {
            case "properties": joined
            case "hparams": "params.\(joined)"
            default: "\(root).\(joined)"
            }
        keys.insert(key)
        return .property(key)
    }

    /// The names after a point or in brackets; nil where the path is over.
    mutating func nextNames() throws(VarveError) -> [String]? {
        if take(sign: ".") {
            guard case .word(let name) = current.kind else { throw error("expected a name after the point") }
            index += 1
            return [name]
        }
        // `.0` after a name was read as a number: parts of a list are named by their place.
        if case .double = current.kind, current.range.lowerBound == tokens[index - 1].range.upperBound {
            throw error("a part that begins with a digit stands in brackets: [\"0\"]")
        }
        guard current.kind == .sign("["), current.range.lowerBound == tokens[index - 1].range.upperBound else {
            return nil
        }
        return try bracket()
    }

    /// `["lr"]`, or several names with commas between them.
    private mutating func bracket() throws(VarveError) -> [String] {
        index += 1
        var names: [String] = []
        repeat {
            guard case .string(let name) = current.kind else { throw error("expected a name in quotes") }
            names.append(name)
            index += 1
        } while take(sign: ",")
        guard take(sign: "]") else { throw error("expected ']' here") }
        return names
    }

    // MARK: Values that stand for others

    /// Both sides, with text turned into a time or a duration where the other side is one.
    func matched(_ a: Operand, _ b: Operand) throws(VarveError) -> (FilterOperand, FilterOperand) {
        (try converted(a, for: b), try converted(b, for: a))
    }

    private func converted(_ operand: Operand, for other: Operand) throws(VarveError) -> FilterOperand {
        // Ranks are numbers, though contexts are texts.
        switch (operand.value, other.value) {
        case (.metric(.context(MetricPart.rankKey)), .literal(.int)),
            (.metric(.context(MetricPart.rankKey)), .literal(.double)):
            return .metric(.rank)
        case (.literal(.string(let text)), .metric(.rank)):
            return Int64(text).map { .literal(.int($0)) } ?? operand.value
        default: break
        }
        guard case .literal(let value) = operand.value, case .property(let key) = other.value else {
            return operand.value
        }
        switch key {
        case "created", "ended":
            guard case .string(let text) = value, let time = TimeText.time(text) else {
                throw error(
                    "'\(key)' compares with a date, such as \"2026-11-23\", \"2026-11-23T10:00:00Z\" or now - 30d",
                    at: operand.range)
            }
            return .literal(.int(time))
        case "duration":
            guard case .string(let text) = value else { return operand.value }
            guard let seconds = FilterDuration.seconds(text) else {
                throw error(
                    "'duration' compares with seconds, or with a time such as 90s, 5m, 2h, 1d",
                    at: operand.range)
            }
            return .literal(.double(seconds))
        default: return operand.value
        }
    }

    /// Refuses what can never hold: a status that no run can have.
    func check(_ a: Operand, _ sign: FilterComparison, _ b: Operand) throws(VarveError) {
        for (property, literal) in [(a, b), (b, a)] {
            guard property.value == .property("status"), case .literal(.string(let status)) = literal.value,
                RunStatus(rawValue: status) == nil
            else { continue }
            let all = RunStatus.allCases.map(\.rawValue)
            let hint = FilterNames.nearest(to: status, among: all).map { "did you mean \"\($0)\"?" }
            throw error(
                "no run has the status \"\(status)\"; \(hint ?? "a status is one of \(all.joined(separator: ", "))")",
                at: literal.range)
        }
    }
}
