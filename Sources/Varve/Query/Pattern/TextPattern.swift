/// A regular expression, as `matches` takes it: found anywhere in a text, unless `^` and `$` bind it to its ends.
///
/// Known are literals, `.`, classes `[a-z]` and `[^…]`, `\d \w \s` and their capitals, `\b \B ^ $`, groups, `|`,
/// `* + ? {m,n}`, and `(?i)` at the beginning for letters of either case. Back-references and look-around aren't: they are
/// what makes an expression take for ever.
///
/// All threads of the expression are followed at once, one step a character of the text (Ken Thompson, "Regular expression
/// search algorithm", CACM 1968; with assertions as in Russ Cox's articles on it), so that no pattern takes more than
/// steps × characters, where one that backtracks can take 2 to the power of the characters. The standard library's own
/// `Regex` backtracks.
struct TextPattern: Hashable, Sendable {
    /// Steps of a program: a longer pattern, or one that repeats too much, is refused.
    static let maxSteps = 1000

    /// What was written.
    let source: String
    let steps: [PatternStep]
    let ignoresCase: Bool

    /// Parses a pattern.
    init(_ source: String) throws(PatternError) {
        var parser = PatternParser(source)
        let node = try parser.pattern()
        var compiler = PatternCompiler()
        guard node.steps < Self.maxSteps else {
            throw PatternError("the pattern is too large: at most \(Self.maxSteps) steps, repetitions counted", at: 0)
        }
        compiler.emit(node)
        compiler.steps.append(.end)
        self.source = source
        steps = compiler.steps
        ignoresCase = parser.ignoresCase
    }

    /// Whether the pattern is found in `text`. Many texts are better asked of one ``PatternSearch``.
    func isFound(in text: String) -> Bool {
        var search = PatternSearch(self)
        return search.isFound(in: text)
    }

    /// Equal if they were written alike.
    static func == (a: TextPattern, b: TextPattern) -> Bool { a.source.utf8.elementsEqual(b.source.utf8) }

    /// Hashes what was written.
    func hash(into hasher: inout Hasher) { for byte in source.utf8 { hasher.combine(byte) } }
}

/// Why a pattern can't be used.
struct PatternError: Error, Hashable {
    var message: String
    /// The byte of the pattern that it is about.
    var offset: Int

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }
}

/// One step of a pattern's program.
enum PatternStep: Sendable {
    /// Goes on if the character is one of these.
    case one(ScalarSet)
    /// Goes on at both places.
    case fork(Int, Int)
    case jump(Int)
    /// Goes on if this holds between the characters here.
    case demand(PatternAssertion)
    /// The pattern was found.
    case end
}

/// What can be said of a place between two characters.
enum PatternAssertion: Hashable, Sendable {
    case start, end, wordEdge, noWordEdge

    func holds(_ before: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ScalarSet.word.contains($0.value) } ?? false }
        return switch self {
        case .start: before == nil
        case .end: next == nil
        case .wordEdge: isWord(before) != isWord(next)
        case .noWordEdge: isWord(before) == isWord(next)
        }
    }
}

/// Looks for a pattern in one text after the other: the threads of the pattern that are alive at one place of a text.
struct PatternSearch {
    private let program: [PatternStep]
    private let ignoresCase: Bool
    private var alive: [Int] = []
    private var following: [Int] = []
    /// The number of the place, over all texts, at which each step was last taken in, so that none is twice.
    private var marks: [Int]
    private var place = 0
    private var pending: [Int] = []

    init(_ pattern: TextPattern) {
        program = pattern.steps
        ignoresCase = pattern.ignoresCase
        marks = Array(repeating: -1, count: program.count)
    }

    /// Whether the pattern is found in `text`.
    mutating func isFound(in text: String) -> Bool {
        alive.removeAll(keepingCapacity: true)
        place += 1
        var before: Unicode.Scalar?
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while true {
            if starts(before: before, next: next) { return true }
            guard let scalar = next else { return false }
            next = scalars.next()
            if steps(over: scalar, next: next) { return true }
            before = scalar
        }
    }

    /// Begins one more thread here. Returns whether the pattern is found already.
    private mutating func starts(before: Unicode.Scalar?, next: Unicode.Scalar?) -> Bool {
        swap(&alive, &following)
        defer { swap(&alive, &following) }
        return follow(0, before, next)
    }

    /// Takes a character. Returns whether the pattern was found.
    private mutating func steps(over scalar: Unicode.Scalar, next: Unicode.Scalar?) -> Bool {
        place += 1
        following.removeAll(keepingCapacity: true)
        for at in alive {
            guard case .one(let set) = program[at], matches(set, scalar) else { continue }
            if follow(at + 1, scalar, next) { return true }
        }
        swap(&alive, &following)
        return false
    }

    private func matches(_ set: ScalarSet, _ scalar: Unicode.Scalar) -> Bool {
        if set.contains(scalar.value) { return !ignoresCase || !set.isNegated || otherCases(of: scalar, in: set) }
        guard ignoresCase, !set.isNegated else { return false }
        return otherCases(of: scalar, in: set)
    }

    /// Of a plain set: whether it has one of the cases; of a negated one: whether it has all of them.
    private func otherCases(of scalar: Unicode.Scalar, in set: ScalarSet) -> Bool {
        let properties = scalar.properties
        let cases = [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { text in
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
        return set.isNegated
            ? cases.allSatisfy { set.contains($0.value) } : cases.contains { set.contains($0.value) }
    }

    /// Takes a step into those that follow, with all that can be reached from it without a character.
    private mutating func follow(_ first: Int, _ before: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        pending.append(first)
        while let at = pending.popLast() {
            guard marks[at] != place else { continue }
            marks[at] = place
            switch program[at] {
            case .one: following.append(at)
            case .jump(let target): pending.append(target)
            case .fork(let a, let b):
                pending.append(b)
                pending.append(a)
            case .demand(let assertion): if assertion.holds(before, next) { pending.append(at + 1) }
            case .end:
                pending.removeAll(keepingCapacity: true)
                return true
            }
        }
        return false
    }
}
