import VarveFiles
import VarveFormat

/// Replaces the list of live segments, one manifest after the other, beside other processes that do the same.
///
/// Nobody locks: a manifest is published under the next number, and whoever comes second starts anew from what the
/// first
/// one published.
package struct ManifestStore: Sendable {
    let fileSystem: any FileSystem
    let host: any Host
    /// The folder `index/`.
    let directory: String
    let repository: UniqueID

    package init(fileSystem: any FileSystem, host: any Host, directory: String, repository: UniqueID) {
        self.fileSystem = fileSystem
        self.host = host
        self.directory = directory
        self.repository = repository
    }

    /// What a compactor wants to change.
    struct Change {
        /// Segments that go.
        var removed: [UniqueID] = []
        /// Segments that come; their files are published and durable.
        var added: [ManifestEntry] = []
        /// Where the coverage of each file must stand: what the added segments hold goes on from there.
        var continues: [CoverageRow] = []
    }

    /// The newest whole index.
    package func open(
        reusing previous: IndexSnapshot? = nil, codec: ColumnCodec
    ) throws(VarveError) -> IndexSnapshot {
        try IndexSnapshot.open(
            fileSystem, directory: directory, repository: repository, reusing: previous, codec: codec)
    }

    /// Publishes `base` with a change, or what came after `base` with it, if that is still possible.
    ///
    /// - Returns: the index as it is now; nil if someone else was first and the change is pointless: the caller throws
    ///   its
    ///   segments away.
    func commit(_ change: Change, to base: IndexSnapshot, codec: ColumnCodec) throws(VarveError) -> IndexSnapshot? {
        var base = base
        for _ in 0..<Self.attempts {
            guard Self.isPossible(change, on: base) else { return nil }
            let (number, isTooHigh) = base.highestNumber.addingReportingOverflow(1)
            guard !isTooHigh else {
                throw VarveError(
                    .limit, "there is no number for another manifest", file: directory,
                    remedy: "remove \(Manifest.fileName(base.highestNumber)), which no compactor has made")
            }
            let removed = Set(change.removed)
            let manifest = Manifest(
                repository: repository, number: number, created: host.wallTime(),
                segments: base.entries.filter { !removed.contains($0.id) } + change.added)
            guard manifest.segments.count <= FormatConstants.maxSegments else {
                throw VarveError(
                    .limit, "the index would have \(manifest.segments.count) segments",
                    remedy: "compact to merge them")
            }
            let path = Paths.join(directory, Manifest.fileName(manifest.number))
            let temporary = Paths.temporary(for: path, tag: host.random())
            let isOurs = try filesystem { () throws(FileError) in
                try fileSystem.publish(path, from: temporary, bytes: manifest.bytes())
            }
            base = try open(reusing: base, codec: codec)
            if isOurs { return base }
        }
        return nil
    }

    private static let attempts = 64

    private static func isPossible(_ change: Change, on base: IndexSnapshot) -> Bool {
        let live = Set(base.segments.map(\.id))
        guard change.removed.allSatisfy(live.contains) else { return false }
        return change.continues.allSatisfy { row in
            let covered = base.coverage[row.identity]
            return (covered?.offset ?? 0) == row.offsets.lowerBound
                && (covered?.sequence ?? row.sequences.lowerBound) == row.sequences.lowerBound
        }
    }
}
