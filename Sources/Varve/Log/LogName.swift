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
        var copy = name
        let parsed = copy.withUTF8 { LogName(parsing: Span(_unsafeElements: $0)) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Parses a name from its bytes: a directory may have 100,000 of them.
    package init?(parsing name: Span<UInt8>) {
        guard name.count > Self.idBytes else { return nil }
        if name[4] == UInt8(ascii: "-") {
            guard let id = Self.id(in: name, prefix: 5, suffix: ".vlog") else { return nil }
            if Self.has(name, "edit-", at: 0) {
                self = .edit(id)
            } else if Self.has(name, "pack-", at: 0) {
                self = .pack(id)
            } else {
                return nil
            }
            return
        }
        if name[5] == UInt8(ascii: "-") {
            guard Self.has(name, "spare-", at: 0), let id = Self.id(in: name, prefix: 6, suffix: ".journal") else {
                return nil
            }
            self = .spare(id)
            return
        }
        guard name[Self.idBytes] == UInt8(ascii: "."), let run = UniqueID(parsing: name.extracting(0..<Self.idBytes))
        else { return nil }
        guard Self.isLowercase(name.extracting(0..<Self.idBytes)) else { return nil }
        var position = Self.idBytes + 1
        var n: UInt32 = 0
        while position < name.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(name[position]) {
            let (tens, isTooHigh) = n.multipliedReportingOverflow(by: 10)
            let (sum, isTooHighToo) = tens.addingReportingOverflow(UInt32(name[position] - UInt8(ascii: "0")))
            // Nor does a number begin with a zero.
            guard !isTooHigh, !isTooHighToo, sum > 0 else { return nil }
            n = sum
            position += 1
        }
        guard n > 0 else { return nil }
        if Self.ends(name, in: ".vlog", from: position) {
            self = .log(run: run, n: n)
        } else if Self.ends(name, in: "s.vlog", from: position) {
            self = .seal(run: run, n: n)
        } else if Self.ends(name, in: ".journal", from: position) {
            self = .journal(run: run, n: n)
        } else {
            return nil
        }
    }

    private static let idBytes = 36

    private static func has(_ name: Span<UInt8>, _ text: StaticString, at position: Int) -> Bool {
        guard position + text.utf8CodeUnitCount <= name.count else { return false }
        for i in 0..<text.utf8CodeUnitCount where name[position + i] != text.utf8Start[i] { return false }
        return true
    }

    private static func ends(_ name: Span<UInt8>, in text: StaticString, from position: Int) -> Bool {
        position + text.utf8CodeUnitCount == name.count && has(name, text, at: position)
    }

    private static func id(in name: Span<UInt8>, prefix: Int, suffix: StaticString) -> UniqueID? {
        guard ends(name, in: suffix, from: prefix + idBytes) else { return nil }
        let id = name.extracting(prefix..<(prefix + idBytes))
        return isLowercase(id) ? UniqueID(parsing: id) : nil
    }

    /// Varve writes IDs in lower case: the same ID in capitals is the name of another file.
    private static func isLowercase(_ id: Span<UInt8>) -> Bool {
        for i in 0..<id.count where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(id[i]) { return false }
        return true
    }

    /// Many files in one.
    package var isPack: Bool { if case .pack = self { true } else { false } }

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
