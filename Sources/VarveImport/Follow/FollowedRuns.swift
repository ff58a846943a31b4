import Varve

/// The runs that a follower writes to, kept open from pass to pass: each opening of a run makes a file. With them the parsers
/// of their files, which read on where they stopped.
///
/// A run that nothing came for in a minute is ended; if something comes later, it is opened again. Where more runs grow than may
/// be open, those that aren't are looked at twice a minute, each time with a new file.
final class FollowedRuns {
    /// How a run ends when its time has come.
    struct Ending {
        var isGood: Bool
        /// Nanoseconds since 1970; nil: now.
        var time: Int64?

        func end(_ run: Run) throws(VarveError) {
            try run.end(successfully: isGood, isGood ? "" : "the imported files say so", at: time)
        }
    }

    private var runs: [RunID: (run: Run, ending: Ending, used: Int64)] = [:]
    private var streams: [String: (stream: StreamImport, used: Int64)] = [:]
    /// When the files of each import were last read.
    private var reads: [String: Int64] = [:]
    private let clock: () -> Int64
    private let most: Int

    private static let idle: Int64 = 60_000_000_000
    private static let patience: Int64 = 30_000_000_000

    /// - Parameter most: so many runs are kept open, each of which has two files open.
    /// - Parameter clock: nanoseconds that never go back.
    init(most: Int, _ clock: @escaping () -> Int64) { (self.most, self.clock) = (most, clock) }

    func holds(_ id: RunID) -> Bool { runs[id] != nil }

    /// Gives a run away, to be kept again.
    func take(_ id: RunID) -> Run? { runs.removeValue(forKey: id)?.run }

    func keep(_ run: Run, _ ending: Ending) throws(VarveError) {
        while runs.count >= most, let oldest = runs.min(by: { $0.value.used < $1.value.used })?.key {
            try end(oldest)
        }
        runs[run.id] = (run, ending, clock())
    }

    /// Ends one run, if it is open.
    func end(_ id: RunID) throws(VarveError) {
        if let kept = runs.removeValue(forKey: id) { try kept.ending.end(kept.run) }
    }

    /// Whether an import must wait for its turn: runs of it would be opened again, and for them others ended.
    func mustWait(_ key: String) -> Bool {
        guard runs.count >= most, let read = reads[key], clock() - read < Self.patience else { return false }
        return streams[key]?.stream.runs.allSatisfy { $0.runID.map(holds) ?? true } != true
    }

    /// An import that can be read on.
    func stream(_ key: String) -> StreamImport? { streams.removeValue(forKey: key)?.stream }

    func keep(_ stream: StreamImport, _ key: String) {
        if streams.count >= most, let oldest = streams.min(by: { $0.value.used < $1.value.used })?.key {
            streams[oldest] = nil
        }
        streams[key] = (stream, clock())
        reads[key] = clock()
    }

    func endIdle(now: Int64) throws(VarveError) {
        streams = streams.filter { now - $0.value.used <= Self.idle }
        reads = reads.filter { now - $0.value < Self.patience }
        for (id, kept) in runs where now - kept.used > Self.idle { try end(id) }
    }

    func endAll() throws(VarveError) {
        streams = [:]
        for id in runs.keys.sorted() { try end(id) }
    }
}
