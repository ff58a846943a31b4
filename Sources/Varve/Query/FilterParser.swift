/// Reads a filter, or a whole search, by recursive descent.
///
///     search      = [either] { "order" "by" key {"," key} | "limit" number | "group" "by" path {"," path} } end
///     key         = path ["asc" | "desc"]
///     filter      = either end
///     either      = both { "or" both }
///     both        = negation { "and" negation }
///     negation    = "not" negation | comparison
///     comparison  = operand { operator operand } | operand ["not"] "in" (list | "tags" | operand)
///                 | operand textTest operand | operand "." textTest "(" operand ")"
///     operand     = literal | path | "(" either ")" — the last one only where a condition may stand
struct FilterParser {
    /// How deep parentheses and `not` may be nested.
    static let maxDepth = 64

    let text: String
    let tokens: [FilterToken]
    var index = 0
    private var depth = 0
    /// The properties that were named.
    var keys: Set<String> = []
    /// The metrics that were named.
    var metrics: Set<String> = []

    init(_ text: String) throws(VarveError) {
        self.text = text
        tokens = try FilterLexer.tokens(of: text)
    }

    mutating func filter() throws(VarveError) -> FilterCondition {
        if current.kind == .end { throw noCondition() }
        let condition = try either()
        guard current.kind == .end else { throw unexpectedAfterCondition() }
        return condition
    }

    /// A condition before the clauses of a search; nil: there is none.
    mutating func leadingCondition() throws(VarveError) -> FilterCondition? {
        if current.kind == .end { throw noCondition() }
        if let word, FilterNames.clauses.contains(word) { return nil }
        return try either()
    }

    private mutating func either() throws(VarveError) -> FilterCondition {
        var parts = [try both()]
        while take(word: "or") { parts.append(try both()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func both() throws(VarveError) -> FilterCondition {
        var parts = [try negation()]
        while take(word: "and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(VarveError) -> FilterCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else {
            throw error("nested too deeply: at most \(Self.maxDepth) levels", code: .limit)
        }
        if take(word: "not") { return .not(try negation()) }
        if take(sign: "(") {
            let condition = try either()
            guard take(sign: ")") else { throw error("expected ')' here") }
            return condition
        }
        return try comparison()
    }

    private mutating func comparison() throws(VarveError) -> FilterCondition {
        let start = current
        if let tagged = try taggedWith() { return tagged }
        let first = try operand()
        if let method = try methodCall(on: first) { return method }
        if word == "in" { return try membership(of: first, at: start) }
        if word == "not", case .word("in") = tokens[index + 1].kind {
            index += 1
            return .not(try membership(of: first, at: start))
        }
        if let test = word, FilterNames.textTests.contains(test) {
            index += 1
            return try textTest(first, test, try operand())
        }
        guard comparisonSign != nil else { return try alone(first, at: start) }
        return try chain(first)
    }

    /// `a < b <= c`: every neighbouring pair must hold.
    private mutating func chain(_ first: Operand) throws(VarveError) -> FilterCondition {
        var parts: [FilterCondition] = []
        var left = first
        while let sign = comparisonSign {
            index += 1
            let right = try operand()
            try check(left, sign, right)
            note(left, right)
            let (a, b) = try matched(left, right)
            parts.append(.compare(a, sign, b))
            left = right
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func membership(of first: Operand, at start: FilterToken) throws(VarveError) -> FilterCondition {
        index += 1
        if take(sign: "[") || take(sign: "(") {
            let closing = tokens[index - 1].kind == .sign("[") ? "]" : ")"
            var keys: Set<FilterKey> = []
            var subject = first.value
            while !take(sign: closing) {
                let element = try operand()
                guard case .literal = element.value else { throw error("a list holds plain values", at: element.range) }
                try check(first, .equal, element)
                note(first, element)
                let (meant, value) = try matched(first, element)
                if meant != first.value { subject = meant }
                if case .literal(let value) = value, let key = FilterKey(value) { keys.insert(key) }
                guard take(sign: ",") else {
                    guard take(sign: closing) else { throw error("expected ',' or '\(closing)' here") }
                    break
                }
            }
            return .oneOf(subject, keys)
        }
        if takeTags() {
            guard case .literal(.string(let tag)) = first.value else {
                throw error("before 'in tags' stands a tag in quotes", at: first.range)
            }
            keys.insert("tags.\(tag)")
            return .isTrue("tags.\(tag)")
        }
        let container = try operand()
        return try textTest(container, FilterTextTest.contains.rawValue, first)
    }

    /// Takes `tags`, or `run.tags`, as a whole.
    private mutating func takeTags() -> Bool {
        let place = word == "run" && tokens[index + 1].kind == .sign(".") ? index + 2 : index
        guard tokens[place].kind == .word("tags"), tokens[place + 1].kind != .sign("."),
            tokens[place + 1].kind != .sign("[")
        else { return false }
        index = place + 1
        return true
    }

    /// `tags contains "baseline"`; nil: something else is asked of tags, or of others.
    private mutating func taggedWith() throws(VarveError) -> FilterCondition? {
        let start = index
        guard takeTags(), take(word: FilterTextTest.contains.rawValue) else {
            index = start
            return nil
        }
        guard case .string(let tag) = current.kind else { throw error("after 'tags contains' stands a tag in quotes") }
        index += 1
        keys.insert("tags.\(tag)")
        return .isTrue("tags.\(tag)")
    }

    private mutating func methodCall(on operand: Operand) throws(VarveError) -> FilterCondition? {
        guard let method = operand.method, take(sign: "(") else { return nil }
        let argument = try self.operand()
        guard take(sign: ")") else { throw error("expected ')' here") }
        return try textTest(operand, method, argument)
    }

    private func textTest(_ a: Operand, _ name: String, _ b: Operand) throws(VarveError) -> FilterCondition {
        for side in [a, b] {
            if case .literal(let value) = side.value {
                guard case .string = value else { throw error("'\(name)' takes text in quotes", at: side.range) }
            }
        }
        if let test = FilterTextTest(rawValue: name) { return .text(a.value, test, b.value) }
        guard case .literal(.string(let source)) = b.value else {
            throw error("after 'matches' stands a pattern in quotes", at: b.range)
        }
        do throws(PatternError) { return .matches(a.value, try TextPattern(source)) } catch {
            // The pattern stands in the text as it is, behind its quote.
            let place = b.range.upperBound - 1 - source.utf8.count + error.offset
            throw self.error(error.message, at: place..<(place + 1))
        }
    }

    private func alone(_ operand: Operand, at start: FilterToken) throws(VarveError) -> FilterCondition {
        switch operand.value {
        case .literal(.bool(let flag)): return flag ? .all([]) : .any([])
        case .property(let key) where FilterNames.flags.contains(key) || !FilterNames.fields.contains(key):
            return .isTrue(key)
        default: throw expectedComparison(after: operand)
        }
    }

    // MARK: Tokens

    var current: FilterToken { tokens[index] }

    var word: String? { if case .word(let word) = current.kind { word } else { nil } }

    private var comparisonSign: FilterComparison? {
        if case .sign(let sign) = current.kind { FilterComparison(rawValue: sign) } else { nil }
    }

    mutating func take(sign: String) -> Bool {
        guard current.kind == .sign(sign) else { return false }
        index += 1
        return true
    }

    mutating func take(word expected: String) -> Bool {
        guard word == expected else { return false }
        index += 1
        return true
    }
}
