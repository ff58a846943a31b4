import VarveFiles
import VarveFormat

// Series and what isn't points: in the log before the call returns.

extension RunWriter {
    /// The handle of a metric; the same one for the same metric.
    func series(_ metric: MetricKey, valueType: ValueType, of shared: RunShared) -> Series {
        if let known = state.withLock({ $0.handles[metric] }) { return known }
        let counted = SeriesCore(
            key: LogAppender.SeriesKey(metric: metric, automaticSteps: true), valueType: valueType, shared: shared,
            nextStep: facts.nextSteps[metric] ?? 0)
        let made = Series(
            SeriesCore(
                key: LogAppender.SeriesKey(metric: metric, automaticSteps: false), valueType: valueType,
                shared: shared, counted: counted))
        let kept = state.withLock { state in
            if let known = state.handles[metric] { return known }
            if !state.isClosed { state.handles[metric] = made }
            return made
        }
        _ = kept.core.bind(to: self)
        return kept
    }

    /// The number of a series in `file`; nil if it could not be written down: then its points are dropped, and counted.
    func define(_ key: LogAppender.SeriesKey, valueType: ValueType, in file: WriterFile) -> UInt32? {
        do throws(FileError) {
            let (id, count) = try file.appender.withLock { appender throws(FileError) in
                let id = try appender.define(key, valueType: valueType, sequence: file.ring.claimed)
                return (id, appender.seriesCount)
            }
            guard let id else {
                note(
                    VarveError(
                        .limit, "too many series in one run", file: file.path,
                        expected: "at most \(FormatConstants.maxSeries)",
                        remedy: "take what changes from step to step out of the metric's name"))
                return nil
            }
            if count == 10_000 {
                note(
                    VarveError(
                        .limit, "this run has 10,000 series", file: file.path,
                        remedy: "take what changes from step to step out of the metric's name"))
            }
            return id
        } catch {
            // The next drain moves on; here somebody may hold the lock that a move takes.
            file.noteFull(error)
            note(VarveError(error))
            return nil
        }
    }

    /// Appends a frame that isn't of points, before the call returns.
    func append(_ body: (inout LogAppender, UInt64) throws(FileError) -> Void) throws(VarveError) {
        guard var file = settledFile else { throw Self.closedError(facts.run) }
        do throws(FileError) {
            // A file that was sealed, or removed, takes what nobody would read.
            if try moveIfNeeded(from: file), let next = settledFile { file = next }
            try append(to: file, body)
        } catch {
            fail(error, in: file)
            // Where this file could take no more, the next one may.
            guard error.code == .fileTooLarge, let next = settledFile, next !== file else { throw VarveError(error) }
            do throws(FileError) { try append(to: next, body) } catch { throw VarveError(error) }
        }
    }

    private func append(
        to file: WriterFile, _ body: (inout LogAppender, UInt64) throws(FileError) -> Void
    ) throws(FileError) {
        let claimed = file.ring.claimed
        try file.appender.withLock { appender throws(FileError) in
            guard !appender.isEnded else { throw FileError("write", file.path, .badDescriptor) }
            try body(&appender, claimed)
        }
    }

    static func closedError(_ run: UniqueID) -> VarveError {
        VarveError(.state, "run \(run) is closed here", remedy: "resume it, or set properties through the repository")
    }

    /// The revisions that the next `count` properties get.
    func nextRevisions(_ count: Int) -> UInt64 {
        state.withLock { state in
            defer { state.revision += UInt64(count) }
            return state.revision + 1
        }
    }
}
