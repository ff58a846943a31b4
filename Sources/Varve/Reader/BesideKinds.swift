import VarveFiles
import VarveFormat

/// Which closed log files have frames that the index says nothing of: text, artifacts, records. It is learnt when a file is scanned for
/// one of them, so that it isn't opened again for others that it doesn't have.
final class BesideKinds: Sendable {
    private let known = Guarded<[LogIdentity: Set<FrameKind>]>([:])

    /// Whether frames of these kinds may be in a file; false: they aren't.
    func mayHave(_ kinds: Set<FrameKind>, _ file: LogIdentity) -> Bool {
        guard let known = known.withLock({ $0[file] }) else { return true }
        return !known.isDisjoint(with: kinds)
    }

    /// Takes what a scan found. What may still grow, and what is damaged, is looked at each time.
    ///
    /// - Parameter areFinal: nothing is added to any of them, whether they end or not.
    func note(_ sections: [LogSection], areFinal: Bool) {
        known.withLock { known in
            for section in sections where (areFinal || section.end != nil) && section.problems.isEmpty {
                known[section.begin.identity] = Set(section.frames.lazy.compactMap(\.kind))
            }
        }
    }
}
