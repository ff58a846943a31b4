/// Reads a pattern by recursive descent.
///
///     either   = sequence { "|" sequence }
///     sequence = { atom ["*" | "+" | "?" | "{" m ["," [n]] "}"] ["?"] }
///     atom     = character | "." | "[" class "]" | "(" either ")" | assertion
struct PatternParser {
    /// How deep groups may be nested.
    static let maxDepth = 64
    /// The highest number of repetitions.
    static let maxRepetitions = 1000

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    /// `(?i)` stood at the beginning.
    private(set) var ignoresCase = false

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func pattern() throws(PatternError) -> PatternNode {
        if scalars.starts(with: "(?i)".unicodeScalars) {
            ignoresCase = true
            index = 4
        }
        let node = try either()
        if index < scalars.count { throw error("there is no '(' for this ')'") }
        return node
    }

    private mutating func either() throws(PatternError) -> PatternNode {
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .either(parts)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            let part = try atom()
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated(_ part: PatternNode) throws(PatternError) -> PatternNode {
        let limits: (least: Int, most: Int?)
        if take("*") {
            limits = (0, nil)
        } else if take("+") {
            limits = (1, nil)
        } else if take("?") {
            limits = (0, 1)
        } else if peek == "{", let braces = try braces() {
            limits = braces
        } else {
            return part
        }
        // Which of several matches is taken first doesn't matter where only one is looked for.
        _ = take("?")
        if let scalar = peek, "*+?".unicodeScalars.contains(scalar) {
            throw error("one repetition can't follow another; put a group around the first")
        }
        return .repeated(part, least: limits.least, most: limits.most)
    }

    /// `{m}`, `{m,}` or `{m,n}`; nil: a brace that stands for itself.
    private mutating func braces() throws(PatternError) -> (least: Int, most: Int?)? {
        let start = index
        index += 1
        guard let least = try number() else {
            index = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = try number() }
        guard take("}") else {
            index = start
            return nil
        }
        if let most, most < least { throw error("the second number must not be below the first", at: start) }
        return (least, most)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let scalar = peek, ScalarSet.digit.contains(scalar.value) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            if value ?? 0 > Self.maxRepetitions { throw error("at most \(Self.maxRepetitions) repetitions") }
            index += 1
        }
        return value
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = next() else { throw error("something is missing here") }
        switch scalar {
        case ".": return .one(.any)
        case "^": return .demand(.start)
        case "$": return .demand(.end)
        case "[": return .one(try characterClass())
        case "(": return try group()
        case "\\": return try escaped()
        case "*", "+", "?": throw error("there is nothing before '\(scalar)' to repeat", at: index - 1)
        default: return .one(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        let start = index - 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else { throw error("groups are nested too deeply: at most \(Self.maxDepth)") }
        if take("?") {
            guard take(":") else {
                throw error("only (?:…), and (?i) at the beginning, are known: no look-around, no names", at: start)
            }
        }
        let node = try either()
        guard take(")") else { throw error("this group has no ')'", at: start) }
        return node
    }

    private mutating func escaped() throws(PatternError) -> PatternNode {
        guard let scalar = next() else { throw error("a backslash at the end", at: index - 1) }
        if let set = ScalarSet.named(scalar) { return .one(set) }
        switch scalar {
        case "b": return .demand(.wordEdge)
        case "B": return .demand(.noWordEdge)
        case "A": return .demand(.start)
        case "z", "Z": return .demand(.end)
        case "1"..."9": throw error("there are no back-references", at: index - 2)
        default: return .one(ScalarSet(try literal(scalar)))
        }
    }

    /// What an escaped character that is no class stands for.
    private func literal(_ scalar: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "0"..."9", "a"..."z", "A"..."Z": throw error("unknown escape '\\\(scalar)'", at: index - 2)
        default: return scalar
        }
    }

    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        let start = index - 1
        var set = ScalarSet()
        set.isNegated = take("^")
        var isFirst = true
        while let scalar = next() {
            if scalar == "]", !isFirst { return set }
            isFirst = false
            var low = scalar
            if scalar == "\\" {
                guard let name = next() else { break }
                if let named = ScalarSet.named(name) {
                    set.ranges += named.ranges
                    continue
                }
                low = try literal(name)
            }
            guard peek == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
                set.ranges.append(low.value...low.value)
                continue
            }
            index += 1
            guard var high = next() else { break }
            if high == "\\" {
                guard let name = next() else { break }
                high = try literal(name)
            }
            guard low <= high else { throw error("the range \(low)-\(high) is the wrong way round") }
            set.ranges.append(low.value...high.value)
        }
        throw error("this class has no ']'", at: start)
    }

    private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        index += 1
        return scalar
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        index += 1
        return true
    }

    private func error(_ message: String, at place: Int? = nil) -> PatternError {
        let before = scalars[..<min(max(0, place ?? index), scalars.count)]
        return PatternError(message, at: before.reduce(0) { $0 + UTF8.width($1) })
    }
}
