import VarveFormat

/// What the index holds of one log file.
package struct CoveredFile: Hashable, Sendable {
    /// What its `begin` said, but for the host.
    package var begin: BeginFrame
    /// Points with lower sequences, and bytes at lower offsets, are in the index.
    package var sequence: UInt64
    package var offset: UInt64
    package var endState: EndFrame.State?
    package var endTime: Int64
    package var lostPoints: UInt64
    /// Points in the index.
    package var points: UInt64
    /// The file's name, if it is of several runs.
    package var name: String

    package var identity: LogIdentity { begin.identity }
    package var isClosed: Bool { endState != nil }

    /// Whether this is a seal whose source has grown since: then other sequences may be its own, and the seal's
    /// coverage
    /// is void. The seal is read from its log file, for good: a seal that was outgrown isn't indexed.
    ///
    /// - Parameter sourceBytes: the size of the sealed file now; nil: it is gone, and with it what the seal completes.
    package func isOutgrown(sourceBytes: Int?) -> Bool {
        guard let seal = begin.sealOf else { return false }
        guard let sourceBytes else { return true }
        return UInt64(max(0, sourceBytes)) > seal.size
    }
}

/// Which parts of which log files an index holds: the coverage of all its segments as one.
///
/// A file's rows form a chain from offset 0 on. A row that doesn't go on where the chain ends, for a gap or an overlap, is
/// not trusted: its points are read from the log, and whoever reads the segment passes over its slices
/// (``isTrusted(segment:row:)``).
package struct CoverageMap: Sendable {
    private var files: [LogIdentity: CoveredFile] = [:]
    private var untrusted: Set<Place> = []
    private var named: [FileKey: [LogIdentity]] = [:]

    private struct Place: Hashable, Sendable {
        var segment: Int
        var row: Int
    }

    /// What a file's name says of it.
    private enum FileKey: Hashable, Sendable {
        case run(UniqueID, n: UInt32, isSeal: Bool)
        case name(String)
    }

    /// Covers nothing.
    package init() {}

    /// Joins the rows of segments, in the order of the segments.
    package init(_ segments: [[CoverageRow]]) {
        var rows: [LogIdentity: [Place]] = [:]
        for (segment, coverage) in segments.enumerated() {
            for (row, entry) in coverage.enumerated() {
                rows[entry.identity, default: []].append(Place(segment: segment, row: row))
            }
        }
        for (identity, places) in rows {
            let chain = places.sorted {
                CoverageRow.precedes(segments[$0.segment][$0.row], segments[$1.segment][$1.row])
            }
            var covered: CoverageRow?
            for place in chain {
                let row = segments[place.segment][place.row]
                let fits = covered.map { $0.isContinued(by: row) } ?? (row.offsets.lowerBound == 0)
                guard fits else {
                    untrusted.insert(place)
                    continue
                }
                covered = covered.map { $0.joined(with: row) } ?? row
            }
            guard let covered else { continue }
            files[identity] = CoveredFile(
                begin: covered.begin, sequence: covered.sequences.upperBound, offset: covered.offsets.upperBound,
                endState: covered.endState, endTime: covered.endTime, lostPoints: covered.lostPoints,
                points: covered.points, name: covered.name)
            let key =
                identity.run == .zero
                ? FileKey.name(covered.name)
                : .run(identity.run, n: identity.n, isSeal: covered.isSeal)
            named[key, default: []].append(identity)
        }
    }

    /// All files of which the index holds something, in no particular order.
    package var covered: some Collection<CoveredFile> { files.values }

    /// What the index holds of a file.
    package subscript(identity: LogIdentity) -> CoveredFile? { files[identity] }

    /// The files that would bear this name; usually one. Whoever opens such a file compares the salt.
    package func files(named name: LogName) -> [CoveredFile] {
        let key: FileKey
        switch name {
        case .log(let run, let n): key = .run(run, n: n, isSeal: false)
        case .seal(let run, let n): key = .run(run, n: n, isSeal: true)
        case .edit: key = .name(name.description)
        case .journal, .pack, .spare: return []
        }
        return named[key, default: []].compactMap { files[$0] }
    }

    /// Whether the slices of a row count. They don't where the chain of its file is broken before it.
    package func isTrusted(segment: Int, row: Int) -> Bool {
        untrusted.isEmpty || !untrusted.contains(Place(segment: segment, row: row))
    }
}
