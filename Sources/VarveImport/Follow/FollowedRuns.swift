import Varve

/// The runs that a follower writes to, kept open from pass to pass: each opening of a run makes a file. With them the parsers
/// of their files, which read on where they stopped.
///
/// A run that nothing came for in a minute is ended; if something comes later, it is opened again.
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
    private let clock: () -> Int64

    private static let idle: Int64 = 60_000_000_000
    private static let most = 64

    /// - Parameter clock: nanoseconds that never go back.
    init(_ clock: @escaping () -> Int64) { self.clock = clock }

    func holds(_ id: RunID) -> Bool { runs[id] != nil }

    /// Gives a run away, to be kept again.
    func take(_ id: RunID) -> Run? { runs.removeValue(forKey: id)?.run }

    func keep(_ run: Run, _ ending: Ending) throws(VarveError) {
        while runs.count >= Self.most, let oldest = runs.min(by: { $0.value.used < $1.value.used })?.key {
            try end(oldest)
        }
        runs[run.id] = (run, ending, clock())
    }

    /// Ends one run, if it is open.
    func end(_ id: RunID) throws(VarveError) {
        if let kept = runs.removeValue(forKey: id) { try kept.ending.end(kept.run) }
    }

    /// An import that can be read on.
    func stream(_ key: String) -> StreamImport? { streams.removeValue(forKey: key)?.stream }

    func keep(_ stream: StreamImport, _ key: String) {
        if streams.count >= Self.most, let oldest = streams.min(by: { $0.value.used < $1.value.used })?.key {
            streams[oldest] = nil
        }
        streams[key] = (stream, clock())
    }

    func endIdle(now: Int64) throws(VarveError) {
        streams = streams.filter { now - $0.value.used <= Self.idle }
        for (id, kept) in runs where now - kept.used > Self.idle { try end(id) }
    }

    func endAll() throws(VarveError) {
        streams = [:]
        for id in runs.keys.sorted() { try end(id) }
    }
}
