import VarveFormat

/// What one process wrote of a run: those of an attempt are told apart by rank and host.
public struct RunProcess: Hashable, Sendable {
    /// The attempt that it belongs to.
    public var attempt: Int
    /// Its rank; nil: it has none.
    public var rank: Int?
    /// Where it ran; empty where nothing says so.
    public var host: String
    /// How it stands, or how it ended.
    public var status: RunStatus
    /// Points it stored, superseded ones included.
    public var points: Int
    /// Points that were dropped and counted.
    public var lostPoints: Int
}

extension Snapshot {
    /// The processes that wrote a run, by attempt, rank and host. Processes without a rank, on one host, count as one, and so do those
    /// that went on in another file; edits are no processes.
    public func processes(of run: RunID) -> [RunProcess] {
        let content = content
        let files = content.files(of: run.id)
        let groups = Dictionary(grouping: files) { file in
            ProcessKey(attempt: file.begin.attempt, rank: file.begin.rank, host: ExactText(file.begin.host))
        }
        return groups.sorted { $0.key < $1.key }.compactMap { key, files in
            let process = RunProcess(
                attempt: Int(key.attempt), rank: key.rank.map { Int($0) }, host: key.host.text,
                status: content.status(of: files, Properties()),
                points: files.reduce(0) { SnapshotContent.sum($0, $1.points) },
                lostPoints: files.reduce(0) { SnapshotContent.sum($0, Int(clamping: $1.lostPoints)) })
            let isEdit = key.host.text.isEmpty && key.rank == nil && process.points == 0 && groups.count > 1
            return isEdit ? nil : process
        }
    }
}

private struct ProcessKey: Hashable, Comparable {
    var attempt: UInt32
    var rank: UInt32?
    var host: ExactText

    static func < (a: ProcessKey, b: ProcessKey) -> Bool {
        let (x, y) = (a.rank.map { Int64($0) } ?? -1, b.rank.map { Int64($0) } ?? -1)
        return (a.attempt, x, a.host) < (b.attempt, y, b.host)
    }
}
