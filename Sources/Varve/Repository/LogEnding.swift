import VarveFormat

/// How a log file ends, as far as its own bytes tell; what that means depends on what stands beside it (``EndingCheck``).
struct LogEnding: Sendable {
    var name: LogName
    var path: String
    var size: Int
    /// Bytes up to the end of the last whole frame.
    var wholeBytes: Int
    /// It ends within a frame.
    var isTruncated: Bool
    /// The files in it, seals aside, that have no `end`; without those of which something is damaged, which is told anyway.
    var open: [BeginFrame]
    /// The seals in it.
    var seals: [BeginFrame]
    /// Of a pack: the files in it, seals aside.
    var packed: [LogIdentity]
    /// There is a seal without its `end`.
    var hasOpenSeal: Bool

    /// - Parameter size: the file's, before it was scanned.
    init(_ name: LogName, _ path: String, size: Int, _ sections: [LogSection]) {
        (self.name, self.path) = (name, path)
        wholeBytes = sections.last.map { $0.baseOffset + $0.endOffset } ?? 0
        // A writer may have been at it meanwhile.
        self.size = max(size, wholeBytes)
        // A file of which nothing is whole was cut within its first frame.
        isTruncated = sections.last?.isTruncated ?? (size > 0)
        open = sections.filter { !$0.isSeal && $0.end == nil && $0.problems.isEmpty }.map(\.begin)
        let sealed = sections.filter(\.isSeal)
        seals = sealed.map(\.begin)
        packed = name.isPack ? sections.lazy.filter { !$0.isSeal }.map(\.begin.identity) : []
        hasOpenSeal = sealed.contains { $0.end == nil && $0.problems.isEmpty }
    }

    /// Whether the file begins as one does; one that is being made doesn't yet.
    var hasBegin: Bool { wholeBytes > 0 }

    /// Whether it takes a look at its neighbours to know that nothing is missing.
    var isInDoubt: Bool { isTruncated || !hasBegin || !open.isEmpty || !seals.isEmpty || !packed.isEmpty }
}
