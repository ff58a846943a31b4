/// The encoding that served a column, kept for the next column of the same sort: of a series in a log, of a metric in the
/// index.
///
/// Choosing costs more than encoding, and a series that was noise a second ago still is. The choice is made anew when
/// the bytes a word change, and now and then anyway.
package struct ColumnMemory {
    private var encoding: ColumnEncoding?
    private var bytesPerWord = 0.0
    private var uses = 0

    private static let mostUses = 32

    package init() {}

    /// The encoding to try first, if there is one that isn't too old.
    mutating func recall() -> ColumnEncoding? {
        uses += 1
        return uses > Self.mostUses ? nil : encoding
    }

    /// Whether a column of `count` words is about as small as the one for which the choice was made.
    func accepts(_ bytes: Int, _ count: Int, _ effort: ColumnEffort) -> Bool {
        Double(bytes) <= bytesPerWord * Double(count) * (effort == .log ? 1.1 : 1.01) + 16
    }

    /// Keeps the choice that made `bytes` of `count` ≥ 1 words.
    mutating func store(_ choice: ColumnEncoding?, _ bytes: Int, _ count: Int) {
        encoding = choice
        bytesPerWord = Double(bytes) / Double(count)
        uses = 0
    }
}
