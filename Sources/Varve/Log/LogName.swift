/// What the name of a file in `logs/` says (Format.md, section 2).
package enum LogName: Hashable, Sendable {
    /// `<run-id>.<n>.vlog`
    case log(run: UniqueID, n: UInt32)
    /// `<run-id>.<n>s.vlog`
    case seal(run: UniqueID, n: UInt32)
    /// `<run-id>.<n>.journal`
    case journal(run: UniqueID, n: UInt32)
    /// `edit-<uuid>.vlog`
    case edit(UniqueID)
    /// `pack-<uuid>.vlog`
    case pack(UniqueID)
    /// `spare-<uuid>.journal`
    case spare(UniqueID)

    /// Parses a name; nil for anything that Varve doesn't make.
    package init?(_ name: String) {
        if let id = Self.id(in: name, after: "edit-", before: ".vlog") {
            self = .edit(id)
            return
        }
        if let id = Self.id(in: name, after: "pack-", before: ".vlog") {
            self = .pack(id)
            return
        }
        if let id = Self.id(in: name, after: "spare-", before: ".journal") {
            self = .spare(id)
            return
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let run = UniqueID(parts[0]), parts[0].utf8.allSatisfy({ !(65...70).contains($0) })
        else { return nil }
        let isSeal = parts[2] == "vlog" && parts[1].hasSuffix("s")
        let digits = isSeal ? parts[1].dropLast() : parts[1]
        guard let n = UInt32(digits), n > 0, String(n) == digits else { return nil }
        switch parts[2] {
        case "vlog": self = isSeal ? .seal(run: run, n: n) : .log(run: run, n: n)
        case "journal": self = .journal(run: run, n: n)
        default: return nil
        }
    }

    private static func id(in name: String, after prefix: String, before suffix: String) -> UniqueID? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return UniqueID(name.dropFirst(prefix.count).dropLast(suffix.count))
    }

    /// The run in whose name it stands.
    package var run: UniqueID? {
        switch self {
        case .log(let run, _), .seal(let run, _), .journal(let run, _): run
        case .edit, .pack, .spare: nil
        }
    }

    /// The number in its name.
    package var n: UInt32? {
        switch self {
        case .log(_, let n), .seal(_, let n), .journal(_, let n): n
        case .edit, .pack, .spare: nil
        }
    }
}

extension LogName: CustomStringConvertible {
    /// The file's name.
    package var description: String {
        switch self {
        case .log(let run, let n): "\(run).\(n).vlog"
        case .seal(let run, let n): "\(run).\(n)s.vlog"
        case .journal(let run, let n): "\(run).\(n).journal"
        case .edit(let id): "edit-\(id).vlog"
        case .pack(let id): "pack-\(id).vlog"
        case .spare(let id): "spare-\(id).journal"
        }
    }
}
