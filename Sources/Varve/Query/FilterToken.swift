/// A word or sign of a filter's text, and where it stands.
struct FilterToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A name such as `params`, or a word of the language such as `and`.
        case word(String)
        case string(String)
        case int(Int64)
        case double(Double)
        /// How long something takes, in seconds: `2h`.
        case duration(Double)
        /// `==`, `(`, `,`, …
        case sign(String)
        case end
    }

    var kind: Kind
    /// The bytes of the text that it takes.
    var range: Range<Int>
}
