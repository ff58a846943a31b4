import Varve

/// Reads the tokens of a printed line one after the other.
struct LogLineScan {
    private typealias Token = LogTokens.Token

    private struct Bracket {
        var mark: UInt8
        /// The pair right in front of it.
        var pair: Int?
        /// It holds several values of one name.
        var isList = false
    }

    private let tokens: [LogTokens.Token]
    private var index = 0
    private var found = LogLine()
    /// The words in front of what comes next, and whether a colon or an equals sign ended them.
    private var label: [String] = []
    private var isExplicit = false
    private var brackets: [Bracket] = []
    /// Counts in brackets, and whether the epoch was known by then.
    private var bare: [(counter: LogLine.Counter, isBehindEpoch: Bool)] = []
    private var taken: Set<ExactText> = []
    private var uses: [ExactText: Int] = [:]
    /// The last token was a number of the last pair.
    private var isBehindPair = false
    private var isBehindEpoch = false
    /// A progress bar began (`50%|`), behind which it is counted.
    private var isBehindBar = false
    /// The line begins with a count alone: `[10]`, or `10:` and a tabulator.
    private var beginsWithCount = false

    /// A name without a colon has at most so many words; any name has at most so many.
    private static let maxShort = 3
    private static let maxWords = 6
    /// A line has no use for more.
    private static let maxCounters = 16
    private static let colon = UInt8(ascii: ":")
    private static let equals = UInt8(ascii: "=")
    private static let square = UInt8(ascii: "[")

    init(_ tokens: [LogTokens.Token]) { self.tokens = tokens }

    mutating func line() -> LogLine {
        while index < tokens.count {
            let token = tokens[index]
            index += 1
            switch token {
            case .word(let word): take(word)
            case .wordNumber(let value, let word):
                if isExplicit || !label.isEmpty && endsValue(next) {
                    number(value, isWhole: false, unit: "")
                } else {
                    take(word)
                }
            case .number(let value, let isWhole, let unit): number(value, isWhole: isWhole, unit: unit)
            case .fraction(let part, let total): fraction(part, total)
            case .clock:
                found.clocks += 1
                drop()
            case .mark(let mark): take(mark)
            }
        }
        drop()
        settle()
        return found
    }

    private var next: Token? { index < tokens.count ? tokens[index] : nil }
    private func token(_ offset: Int) -> Token? { index + offset < tokens.count ? tokens[index + offset] : nil }

    private func endsValue(_ token: Token?) -> Bool {
        switch token {
        case nil: true
        case .mark(let mark): mark != Self.colon && mark != Self.equals
        default: false
        }
    }

    // MARK: Words and marks

    private mutating func take(_ word: String) {
        if isExplicit {
            if next == .mark(UInt8(ascii: "(")), LogWords.wrappers.contains(word) {
                index += 1
                return
            }
            // The value is a text, or the label was one of the line itself (`INFO:`).
            if label.count == 1, !endsLabel(next), let subset = LogWords.subset(word) { found.subset = subset }
            drop()
        }
        if isBehindPair, let last = found.pairs.indices.last, found.pairs[last].unit.isEmpty,
            MeasuredNumber.isUnit(word)
        {
            found.pairs[last].unit = word
            return
        }
        (isBehindPair, isBehindEpoch) = (false, false)
        if label.isEmpty, LogWords.levels.contains(word) {
            found.otherWords += 1
            return
        }
        label.append(word)
        if label.count > Self.maxWords {
            label.removeFirst()
            found.otherWords += 1
        }
    }

    private func endsLabel(_ token: Token?) -> Bool { token == .mark(Self.colon) || token == .mark(Self.equals) }

    private mutating func take(_ mark: UInt8) {
        switch mark {
        case Self.colon, Self.equals:
            if !label.isEmpty { isExplicit = true }
        case UInt8(ascii: "("), Self.square, UInt8(ascii: "{"):
            open(mark)
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            drop()
            isBehindPair = false
            _ = brackets.popLast()
        case UInt8(ascii: "+"): break
        default:
            drop()
            (isBehindPair, isBehindEpoch) = (false, false)
        }
    }

    private mutating func open(_ mark: UInt8) {
        // A word in brackets within a label: `Epoch(train) [1]`, `elapsed time (ms): 1.5`.
        if !label.isEmpty, !isExplicit, case .word(let word) = next, case .mark(let close) = token(1),
            Self.closing.contains(close)
        {
            if let subset = LogWords.subset(word) {
                found.subset = subset
                index += 2
                return
            }
            if endsLabel(token(2)) {
                label[label.count - 1] += " (\(word))"
                index += 2
                return
            }
        }
        var bracket = Bracket(mark: mark, pair: label.isEmpty && isBehindPair ? found.pairs.indices.last : nil)
        switch next {
        case .number, .fraction, .wordNumber:
            if isExplicit, mark == Self.square, counted == nil, !isSubsetOnly {
                bracket.isList = token(1) != .mark(UInt8(ascii: "]"))
            }
            if bracket.isList { drop() }
        default: drop()
        }
        isBehindPair = false
        brackets.append(bracket)
    }

    private static let closing: Set<UInt8> = Set(")]}".utf8)

    /// Ends a label that has no number.
    private mutating func drop() {
        found.otherWords += label.count
        for word in label.prefix(Self.maxShort) where found.subset == nil { found.subset = LogWords.subset(word) }
        label = []
        isExplicit = false
    }

    // MARK: Numbers

    /// The counter that the label stands for, if it does.
    private var counted: String? {
        guard let last = label.last?.lowercased().trimmed("#"), !label.dropLast().contains(where: Self.isElsewhere),
            brackets.last?.pair == nil
        else { return nil }
        // Marian counts `Ep. 1 : Up. 500`, and llm.c begins its lines with `s:500`.
        if last == "up", found.epoch != nil { return "update" }
        if last == "s", isExplicit, index == 3 { return "step" }
        return LogWords.epochs.contains(last) || LogWords.steps.contains(last) ? last : nil
    }

    private static func isElsewhere(_ word: String) -> Bool { LogWords.elsewhere.contains(word.lowercased()) }

    private var isSubsetOnly: Bool { !label.isEmpty && label.allSatisfy { LogWords.subset($0) != nil } }

    private mutating func number(_ value: Double, isWhole: Bool, unit: String) {
        let whole = isWhole && unit.isEmpty ? Int64(exactly: value) : nil
        if case .word(let word) = next, value >= 1, word == "day" || word == "days" {
            index += 1
            found.clocks += 1
            return drop()
        }
        if let word = counted, unit.isEmpty {
            let isSetting =
                word == "epochs"
                || LogWords.plurals.contains(word) && (label.count > 1 || !brackets.isEmpty || !found.pairs.isEmpty)
            if let whole, !isSetting { return count(word, whole, of: nil) }
            if !isWhole, LogWords.epochs.contains(word) { found.hasPartialEpoch = true }
        }
        let bracket = brackets.last
        if label.isEmpty || isSubsetOnly && whole != nil && (bracket?.mark == Self.square || next == .mark(Self.square))
        {
            nameless(value, whole, unit, bracket)
        } else {
            pair(LogLine.Pair(name: "", value: value, unit: unit, isExplicit: isExplicit, isWhole: isWhole))
        }
    }

    /// A number without a name: a count, or something about the pair in front of it.
    private mutating func nameless(_ value: Double, _ whole: Int64?, _ unit: String, _ bracket: Bracket?) {
        let subset = label.first.flatMap { LogWords.subset($0) }
        defer { label = [] }
        if index > 1, tokens[index - 2] == .mark(UInt8(ascii: "+")), let last = found.pairs.last {
            return add(LogLine.Pair(name: last.name + "_std", value: value, unit: unit, isExplicit: last.isExplicit))
        }
        if let bracket, let place = bracket.pair {
            guard !bracket.isList else { return found.otherNumbers += 1 }
            brackets[brackets.count - 1].isList = true
            let about = found.pairs[place]
            // In another unit it is no mean of the same: `loss = 0.5 (1.2 sec/step)`.
            var unit = unit
            if unit.isEmpty, case .word(let word) = next, MeasuredNumber.isUnit(word) {
                unit = word
                index += 1
            }
            guard unit == "%" || unit.isEmpty || unit.hasSameBytes(as: about.unit) else {
                return found.otherNumbers += 1
            }
            let kind = unit == "%" ? "_percent" : "_mean"
            return add(LogLine.Pair(name: about.name + kind, value: value, unit: unit, isExplicit: about.isExplicit))
        }
        if unit == "%", next == .mark(UInt8(ascii: "|")) { isBehindBar = true }
        let isCount =
            bracket?.mark == Self.square || subset != nil
            || index == 1 && next == .mark(Self.colon) && token(1) == .mark(UInt8(ascii: "\t"))
        guard let whole, isCount, bracket?.isList != true, found.pairs.isEmpty else { return found.otherNumbers += 1 }
        if index <= 2 { beginsWithCount = true }
        found.subset = subset ?? found.subset
        bare.append((LogLine.Counter(word: "", value: whole), isBehindEpoch))
    }

    private mutating func fraction(_ part: Int64, _ total: Int64) {
        if let word = counted { return count(word, part, of: total) }
        guard label.isEmpty || isSubsetOnly else {
            found.otherNumbers += 1
            return pair(LogLine.Pair(name: "", value: Double(part), isExplicit: isExplicit, isWhole: true))
        }
        let subset = label.first.flatMap { LogWords.subset($0) }
        label = []
        let isCount = brackets.last?.mark == Self.square || index == 1 || isBehindEpoch || isBehindBar || subset != nil
        guard isCount, found.pairs.isEmpty else { return found.otherNumbers += 1 }
        found.subset = subset ?? found.subset
        bare.append((LogLine.Counter(word: "", value: part, total: total), isBehindEpoch || isBehindBar))
    }

    private mutating func count(_ word: String, _ value: Int64, of total: Int64?) {
        for word in label.dropLast() where found.subset == nil { found.subset = LogWords.subset(word) }
        label = []
        isExplicit = false
        let counter = LogLine.Counter(word: word, value: value, total: total)
        if !LogWords.epochs.contains(word) {
            guard found.steps.count < Self.maxCounters else { return found.otherNumbers += 1 }
            found.steps.append(counter)
        } else if found.epoch == nil {
            found.epoch = counter
            isBehindEpoch = true
        } else {
            found.otherNumbers += 1
        }
    }

    // MARK: Pairs

    /// Takes a number whose name is the label.
    private mutating func pair(_ pair: LogLine.Pair) {
        let last = label.last ?? ""
        let isPlace = LogWords.isSource(last) || LogWords.places.contains(last.lowercased())
        let isSentence = !isExplicit && (label.count > Self.maxShort || LogWords.joining.contains(last.lowercased()))
        guard !isPlace, !isSentence else {
            found.otherNumbers += 1
            return drop()
        }
        var pair = pair
        pair.name = label.joined(separator: " ")
        label = []
        isExplicit = false
        if let place = brackets.last?.pair {
            let about = found.pairs[place].name
            if LogWords.statistics.contains(pair.name.lowercased()) {
                pair.name = about + "_" + pair.name
            } else if let word = about.split(separator: " ").first, LogWords.subset(word) != nil {
                pair.name = word + " " + pair.name
            }
        }
        add(pair)
        isBehindPair = true
    }

    /// Takes a pair; of two that are called the same the second is `NAME #2`.
    private mutating func add(_ pair: LogLine.Pair) {
        var pair = pair
        let name = pair.name
        while !taken.insert(ExactText(pair.name)).inserted {
            let number = (uses[ExactText(name)] ?? 1) + 1
            uses[ExactText(name)] = number
            pair.name = "\(name) #\(number)"
        }
        found.pairs.append(pair)
    }

    /// Tells which counts in brackets are which.
    private mutating func settle() {
        if found.epoch != nil {
            if let inner = bare.first(where: \.isBehindEpoch) { found.steps.append(inner.counter) }
        } else if bare.count > 1, found.steps.isEmpty {
            found.epoch = bare[0].counter
            found.epoch?.word = "epoch"
            found.steps.append(bare[1].counter)
        } else if let only = bare.first, found.steps.isEmpty {
            found.steps.append(only.counter)
            found.isBoosting = beginsWithCount && only.counter.total == nil
        }
    }
}

extension String {
    /// Without a character at its beginning and end.
    fileprivate func trimmed(_ mark: Character) -> String {
        var text = self[...]
        while text.first == mark { text.removeFirst() }
        while text.last == mark { text.removeLast() }
        return String(text)
    }
}
