import VarveFormat

/// One start of a run, or one resumption of it: what its processes wrote.
public struct RunAttempt: Hashable, Sendable {
    /// Its number; the first is 0.
    public var number: Int
    /// How it stands, or how it ended.
    public var status: RunStatus
    /// When its first file was begun, nanoseconds since 1970.
    public var created: Int64
    /// When it ended; nil while it runs, or before somebody noticed its end.
    public var ended: Int64?
    /// The first step that it logged again: what earlier attempts logged from there on is superseded. Nil if it took nothing back.
    public var resumedAt: Int?
    /// The ranks of its processes, ascending; empty if they have none.
    public var ranks: [Int]
    /// Where it ran, in the order in which its files were begun.
    public var hosts: [String]
    /// Points it stored, superseded ones included.
    public var points: Int
    /// Points that were dropped and counted.
    public var lostPoints: Int
}

extension Snapshot {
    /// The attempts of a run in order; none if there is no such run.
    public func attempts(of run: RunID) -> [RunAttempt] {
        let files = content.files(of: run.id)
        return Set(files.map(\.begin.attempt)).sorted().map { number in
            content.attempt(number, of: files.filter { $0.begin.attempt == number })
        }
    }
}

extension SnapshotContent {
    fileprivate func attempt(_ number: UInt32, of files: [SourceFile]) -> RunAttempt {
        let status = status(of: files, Properties())
        let rewinds = files.compactMap { file in
            if case .step(let step)? = file.begin.rewind { Int(clamping: step) } else { Int?.none }
        }
        return RunAttempt(
            number: Int(number), status: status, created: files.map(\.begin.created).min() ?? FormatConstants.noTime,
            ended: status == .running ? nil : Self.ended(files), resumedAt: rewinds.min(),
            ranks: Set(files.compactMap { $0.begin.rank.map { Int($0) } }).sorted(), hosts: Self.hosts(of: files),
            points: files.reduce(0) { Self.sum($0, $1.points) },
            lostPoints: files.reduce(0) { Self.sum($0, Int(clamping: $1.lostPoints)) })
    }
}
