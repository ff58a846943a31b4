import Varve

/// A text with the values of a cell put in: `python train.py --seed {seed}`.
///
/// `{campaign_id}` and `{cell}` (its number) are known beside axes and params; `{{` and `}}` are braces.
public struct CellTemplate: Sendable {
    private enum Piece: Hashable, Sendable {
        case text(String)
        case value(String)
    }

    private let pieces: [Piece]

    /// Parses a template.
    /// - Throws: `invalid` if it names what the plan doesn't have, or a brace is left open.
    public init(_ text: String, of plan: CampaignPlan) throws(VarveError) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let first = rest.first {
            rest = rest.dropFirst()
            switch first {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                literal.append(first)
                rest = rest.dropFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    throw VarveError(.invalid, "a brace is open in '\(text)'", remedy: "write {{ for a brace")
                }
                let name = String(rest[..<end])
                try Self.check(name, plan)
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(.value(name))
                rest = rest[end...].dropFirst()
            default: literal.append(first)
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        self.pieces = pieces
    }

    private static let own = ["campaign_id", "cell"]

    private static func check(_ name: String, _ plan: CampaignPlan) throws(VarveError) {
        let known = plan.axes.map(\.name) + plan.params.keys.sorted() + own
        guard !known.contains(name) else { return }
        let nearest = nearestName(to: name, among: known)
        throw VarveError(
            .invalid, "the plan has no '\(name)'",
            remedy: nearest.map { "did you mean '{\($0)}'?" } ?? "there are \(known.joined(separator: ", "))")
    }

    /// The text for a cell.
    /// - Parameter isQuoted: whether a shell will read it: then values with special characters stand in quotes.
    public func text(_ cell: CampaignPlan.Cell, of plan: CampaignPlan, isQuoted: Bool) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .value(let name):
                let value = Self.value(name, cell, plan)
                return isQuoted ? Self.quoted(value) : value
            }
        }.joined()
    }

    private static func value(_ name: String, _ cell: CampaignPlan.Cell, _ plan: CampaignPlan) -> String {
        if let place = plan.axes.firstIndex(where: { $0.name == name }) { return cell.values[place].plainText }
        if let value = plan.params[name] { return value.plainText }
        return name == "cell" ? String(cell.number) : plan.id
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "@%+=:,./-_".utf8.contains(byte)
        }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
