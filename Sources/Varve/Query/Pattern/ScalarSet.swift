/// Some characters, by ranges of their numbers.
struct ScalarSet: Hashable, Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    /// All characters but these.
    var isNegated = false

    func contains(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return !isNegated }
        return isNegated
    }

    init(_ ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    private init(_ characters: ClosedRange<Unicode.Scalar>...) {
        self.init(characters.map { $0.lowerBound.value...$0.upperBound.value })
    }

    static let any = ScalarSet([], isNegated: true)
    static let digit = ScalarSet("0"..."9")
    static let word = ScalarSet(
        "0"..."9", "A"..."Z", "_"..."_", "a"..."z", "\u{AA}"..."\u{2FF}", "\u{370}"..."\u{1FFF}",
        "\u{2C00}"..."\u{2FEF}", "\u{3001}"..."\u{D7FF}", "\u{F900}"..."\u{FDCF}")
    static let space = ScalarSet("\t"..."\r", " "..." ", "\u{A0}"..."\u{A0}")

    /// What a letter after a backslash stands for, if it is a class.
    static func named(_ letter: Unicode.Scalar) -> ScalarSet? {
        switch letter {
        case "d": digit
        case "D": digit.inverted
        case "w": word
        case "W": word.inverted
        case "s": space
        case "S": space.inverted
        default: nil
        }
    }

    /// Everything else, in ranges of its own, so that it may be a part of a class.
    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return ScalarSet(result)
    }
}
