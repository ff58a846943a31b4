import VarveFiles
import VarveFormat

/// Which closed log files have frames that the index says nothing of: text, artifacts, records. It is learnt when a file is scanned for
/// one of them, so that it isn't opened again for others that it doesn't have; a pack isn't scanned again for each of its runs.
final class BesideKinds: Sendable {
    private let known = Guarded<[LogIdentity: Set<FrameKind>]>([:])
    /// The pack that was scanned last.
    private let lastPack = Guarded<(name: LogName, sections: [LogSection])?>(nil)
    /// A pack of more frames isn't kept.
    private static let mostFrames = 200_000

    /// Whether frames of these kinds may be in a file; false: they aren't.
    func mayHave(_ kinds: Set<FrameKind>, _ file: LogIdentity) -> Bool {
        guard let known = known.withLock({ $0[file] }) else { return true }
        return !known.isDisjoint(with: kinds)
    }

    /// What a file holds, by a scan, unless it is the pack that was scanned last.
    func sections(
        of name: LogName, _ scan: () throws(VarveError) -> [LogSection]
    ) throws(VarveError) -> [LogSection] {
        if name.isPack, let last = lastPack.withLock({ $0 }), last.name == name { return last.sections }
        let sections = try scan()
        note(sections, areFinal: name.isPack)
        if name.isPack, sections.reduce(0, { $0 + $1.frames.count }) <= Self.mostFrames {
            lastPack.withLock { $0 = (name, sections) }
        }
        return sections
    }

    /// Takes what a scan found. What may still grow, and what is damaged, is looked at each time.
    ///
    /// - Parameter areFinal: nothing is added to any of them, whether they end or not.
    private func note(_ sections: [LogSection], areFinal: Bool) {
        known.withLock { known in
            for section in sections where (areFinal || section.end != nil) && section.problems.isEmpty {
                known[section.begin.identity] = Set(section.frames.lazy.compactMap(\.kind))
            }
        }
    }
}
