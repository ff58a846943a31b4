import VarveFiles
import VarveFormat

extension Repository {
    /// What is there now: every point that `log` returned from before this call, of every process on this host.
    ///
    /// Takes no lock, writes nothing, and needs no index, though it is quicker with one.
    public func snapshot() throws(VarveError) -> Snapshot {
        Snapshot(try SnapshotContent(environment, paths, repository: id))
    }

    /// What is there now of one run.
    public func snapshot(of run: RunID) throws(VarveError) -> Snapshot {
        Snapshot(try SnapshotContent(environment, paths, repository: id, only: run.id))
    }
}

/// An immutable view of a repository: everything that was logged before it was taken.
///
/// It may be used from any thread. What its readers decode of steps and times is kept for the next ones, up to 32 MiB:
/// the metrics of a run mostly share them. A run that is deleted meanwhile can make a later read throw `system`.
public final class Snapshot: Sendable {
    private let state: Guarded<SnapshotContent>
    private let knownRuns = Guarded<[RunInfo]?>(nil)

    init(_ content: SnapshotContent) { state = Guarded(content) }

    /// What is read from: another one once a page of the index was found to be damaged.
    var content: SnapshotContent { state.withLock { $0 } }

    /// Reads something; where a segment of the index turns out to be damaged it is dropped, and what it held is read
    /// from the logs (Format.md, section 7).
    func reading<R>(_ body: (SnapshotContent) throws(VarveError) -> R) throws(VarveError) -> R {
        var content = content
        while true {
            do throws(VarveError) { return try body(content) } catch {
                guard let next = try self.content(after: error, in: content) else { throw error }
                content = next
            }
        }
    }

    /// What to read from after an error: `content` without the segment in which it was met; nil if it was elsewhere.
    ///
    /// The logs are looked at anew: what was logged since the snapshot was taken may show, too.
    func content(after error: VarveError, in content: SnapshotContent) throws(VarveError) -> SnapshotContent? {
        guard let segment = content.segments.first(where: { $0.path == error.file }) else { return nil }
        let current = self.content
        // Another reader of this snapshot may have dropped it already.
        if !current.segments.contains(where: { $0.id == segment.id }) { return current }
        let fresh = try current.without(segment, error)
        state.withLock { $0 = fresh }
        knownRuns.withLock { $0 = nil }
        return fresh
    }

    /// The runs, oldest first.
    public var runs: [RunInfo] {
        if let known = knownRuns.withLock({ $0 }) { return known }
        let fresh = content.infos(of: content.runIDs)
        knownRuns.withLock { $0 = fresh }
        return fresh
    }

    /// The IDs of the runs, oldest first; much cheaper than ``runs``.
    public var runIDs: [RunID] { content.runIDs.map { RunID($0) } }

    /// What is known of one run; nil if there is none with this ID.
    public func run(_ id: RunID) -> RunInfo? {
        let content = content
        return content.has(id.id) ? content.info(of: id.id) : nil
    }

    /// Files that could not be read, in part or whole.
    public var problems: [VarveError] { content.problems }

    /// The runs that `text` names: an ID, the beginning of one (of at least four characters), or a name.
    public func runs(matching text: String) -> [RunInfo] {
        if let id = RunID(text) { return run(id).map { [$0] } ?? [] }
        let named = runs.filter { $0.properties["name"] == .string(text) }
        if !named.isEmpty || text.utf8.count < 4 { return named }
        let lower = text.lowercased()
        return runs.filter { $0.id.description.hasPrefix(lower) }
    }

    /// The runs for which an expression holds, oldest first.
    public func runs(where filter: Filter) throws(VarveError) -> [RunInfo] { try find(Search(filter)).runs }

    /// The points of every series that a query wants: by metric, then by run, oldest first, and within a series in the
    /// order of logging.
    public func series(_ query: Query) throws(VarveError) -> SeriesReader {
        try series(query, metrics: nil)
    }

    /// - Parameter metrics: which of those that the query wants; nil: all.
    func series(_ query: Query, metrics: Set<MetricKey>?) throws(VarveError) -> SeriesReader {
        SeriesReader(SeriesPlan(content, query, metrics: metrics)) { error, content throws(VarveError) in
            try self.content(after: error, in: content)
        }
    }
}
