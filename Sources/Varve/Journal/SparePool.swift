import Glibc
import VarveFiles
import VarveFormat

/// The closed journals of a process: taking one over costs a rename, making one costs allocation and page faults.
final class SparePool: Sendable {
    private struct Entry {
        var logs: String
        var journal: JournalFile
        /// A forked child shares the pages with its parent and must leave them alone.
        var owner: UInt64
    }

    private static let most = 4
    private let entries = Guarded<[Entry]>([])

    /// A spare for a directory and size, if there is one.
    func take(logs: String, slots: Int) -> JournalFile? {
        // A lock that a vanished thread held at a fork stays locked in the child: never wait here.
        let found: JournalFile?? = entries.withLockIfAvailable { entries in
            entries.removeAll { $0.owner != ForkGuard.generation }
            guard let index = entries.firstIndex(where: { $0.logs == logs && $0.journal.slots == slots }) else {
                return nil
            }
            return entries.remove(at: index).journal
        }
        return found ?? nil
    }

    /// At the end of the process its spares go; those of one that was killed go with the next compaction.
    private static let clearsAtExit: Void = {
        atexit { Environment.process.spares.clear(RealFileSystem()) }
    }()

    /// Keeps a journal; the oldest one goes if there are too many.
    func put(_ journal: JournalFile, logs: String, _ fileSystem: any FileSystem) {
        _ = Self.clearsAtExit
        let evicted: JournalFile?? = entries.withLockIfAvailable { entries in
            entries.append(Entry(logs: logs, journal: journal, owner: ForkGuard.generation))
            return entries.count > Self.most ? entries.removeFirst().journal : nil
        }
        switch evicted {
        case .some(.none): return
        case .some(.some(let old)): drop(old, fileSystem)
        case .none: drop(journal, fileSystem)
        }
    }

    /// Removes all spares that this process made.
    func clear(_ fileSystem: any FileSystem) {
        let dropped = entries.withLockIfAvailable { entries in
            let mine = entries.filter { $0.owner == ForkGuard.generation }
            entries.removeAll { entry in mine.contains { $0.journal === entry.journal } }
            return mine.map(\.journal)
        }
        for journal in dropped ?? [] { drop(journal, fileSystem) }
    }

    private func drop(_ journal: JournalFile, _ fileSystem: any FileSystem) {
        try? fileSystem.unlink(journal.path)
        journal.discard()
    }
}
