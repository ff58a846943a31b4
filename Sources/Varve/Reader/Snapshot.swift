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
/// It may be used from any thread. A run that is deleted meanwhile can make a later read throw `system`.
public final class Snapshot: Sendable {
    let content: SnapshotContent
    private let knownRuns = Guarded<[RunInfo]?>(nil)

    init(_ content: SnapshotContent) { self.content = content }

    /// The runs, oldest first.
    public var runs: [RunInfo] {
        if let known = knownRuns.withLock({ $0 }) { return known }
        let fresh = content.runIDs.map { content.info(of: $0) }
        knownRuns.withLock { $0 = fresh }
        return fresh
    }

    /// Files that could not be read, in part or whole.
    public var problems: [VarveError] { content.problems }

    /// The runs that `text` names: an ID, the beginning of one (of at least four characters), or a name.
    public func runs(matching text: String) -> [RunInfo] {
        if let id = RunID(text) { return runs.filter { $0.id == id } }
        let named = runs.filter { $0.properties["name"] == .string(text) }
        if !named.isEmpty || text.utf8.count < 4 { return named }
        let lower = text.lowercased()
        return runs.filter { $0.id.description.hasPrefix(lower) }
    }

    /// The runs for which an expression holds, oldest first.
    public func runs(where filter: Filter) throws(VarveError) -> [RunInfo] {
        let all = runs
        let holds = filter.matches(RunColumns(all))
        return zip(all, holds).compactMap { $1 ? $0 : nil }
    }

    /// The points of every series that a query wants: by metric, then by run, oldest first, and within a series in the
    /// order of logging.
    public func series(_ query: Query) throws(VarveError) -> SeriesReader {
        SeriesReader(SeriesPlan(content, query))
    }
}
