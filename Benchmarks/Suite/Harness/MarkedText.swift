/// A document with a part between two marks that a program writes; people write the rest.
package struct MarkedText {
    package static let begin = "<!-- figures: written by a program -->"
    package static let end = "<!-- end of figures -->"
    private let before: [Substring]
    private let after: [Substring]

    /// Nil if the marks aren't there, each once, in a line of its own.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(of: Self.begin[...]), let last = lines.firstIndex(of: Self.end[...]),
            first < last, lines.count(where: { $0 == Self.begin || $0 == Self.end }) == 2
        else { return nil }
        before = Array(lines[...first])
        after = Array(lines[last...])
    }

    /// The whole document with other lines between the marks.
    package func replacing(with lines: [String]) -> String {
        (before + lines.map { $0[...] } + after).joined(separator: "\n")
    }
}
