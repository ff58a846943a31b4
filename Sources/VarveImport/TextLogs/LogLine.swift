import Varve

/// What a printed line says: where the training is, and numbers with names.
///
/// A name is the words in front of a number, since the last number, comma, bar, bracket, dash or tabulator: with a colon or an
/// equals sign between (`val loss: 0.5`), or without where it is short (`loss 0.5`).
struct LogLine {
    struct Pair: Equatable {
        var name: String
        var value: Double
        var unit = ""
        /// It has a colon or an equals sign.
        var isExplicit = true
        /// It is spelt without point and exponent.
        var isWhole = false
    }

    struct Counter: Equatable {
        /// In lower case; empty: a count in brackets, which has no name.
        var word: String
        var value: Int64
        var total: Int64?
    }

    var pairs: [Pair] = []
    var epoch: Counter?
    var steps: [Counter] = []
    /// An epoch with a fraction: it says how far the training is, and counts nothing.
    var hasPartialEpoch = false
    /// The part of the data that the line is about.
    var subset: String?
    /// The names are `DATA-METRIC` or `DATA's METRIC`, as gradient boosting prints them.
    var isBoosting = false
    /// Words that belong to no number.
    var otherWords = 0
    /// Numbers that no name belongs to, or that stand within a sentence.
    var otherNumbers = 0
    /// Dates and durations.
    var clocks = 0

    /// The line says where the training is.
    var hasCounter: Bool { epoch != nil || !steps.isEmpty || hasPartialEpoch }

    /// It says where the training is, and something measured there.
    var isMetricLine: Bool { hasCounter && pairs.contains { $0.isExplicit || !$0.isWhole } }

    /// A line that doesn't say where the training is, but little else than numbers with names: of where the last line was.
    var goesOn: Bool {
        guard !hasCounter, otherWords <= 3, pairs.contains(where: { !$0.isWhole }) else { return false }
        return pairs.allSatisfy(\.isExplicit) || subset != nil || otherWords == 0 && otherNumbers == 0
    }

    init() {}

    /// Reads a line; marks of the terminal (colours) are no part of it any more.
    init(_ text: [UInt8]) {
        var scan = LogLineScan(LogTokens(text).all)
        self = scan.line()
    }
}
