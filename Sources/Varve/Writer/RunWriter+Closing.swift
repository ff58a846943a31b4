import Synchronization
import VarveFiles
import VarveFormat

// The end of a run in this process.

extension RunWriter {
    /// Drains, writes `end`, gives the journal back. Points that come later are dropped and counted.
    ///
    /// - Parameter time: when the run ended; nil: now.
    func close(_ end: EndFrame.State, message: String, time: Int64? = nil) throws(VarveError) {
        if let file = openFile {
            do throws(FileError) { _ = try moveIfNeeded(from: file) } catch {
                note(VarveError(error))
                // What isn't drained can't go to this file any more, and the next one can't be made: the run stays open.
                if file.isGivenUp, openFile === file { throw VarveError(error) }
            }
        }
        let file = moving.withLock {
            bindLock.withLock {
                state.withLock { state in
                    defer { state.isClosed = true }
                    return state.isClosed ? nil : state.file
                }
            }
        }
        guard let file else { throw Self.closedError(facts.run) }
        if environment.hasThreads, facts.options.useJournal { Housekeeping.shared().remove(self) }
        do throws(FileError) {
            try finish(file, end, message, at: time)
            release()
        } catch {
            note(VarveError(error))
            // Its journal keeps what could not be written; the next reader finds a run that was killed.
            throw VarveError(error)
        }
    }

    private func finish(
        _ file: WriterFile, _ end: EndFrame.State, _ message: String, at ended: Int64?
    ) throws(FileError) {
        let holes: [Range<UInt64>]
        do throws(FileError) {
            holes = try file.drainForGood()
            try append(end, message, at: ended, holes, to: file)
        } catch {
            let isFull = error.code == .fileTooLarge && error.path == file.path
            guard isFull || file.syncHasFailed.load(ordering: .acquiring) else { throw error }
            // As below, with what is still in the ring; of a full log what is in it is made durable first.
            note(VarveError(error))
            if isFull { try file.syncLog() }
            try Sealer(environment, facts.paths).sealOwn(file, end: end, rewritesUnsynced: !isFull)
            file.retireJournal(reuses: false)
            return file.log.close()
        }
        var isSealed = false
        // A journal that made points durable may only go once the log does.
        let journalWasSynced = file.held.load(ordering: .acquiring) > 0
        if facts.options.sync != .none, journalWasSynced || facts.options.sync == .everyDrain {
            do throws(FileError) { try file.syncLog() } catch {
                // Everything after the last good sync is written anew, in a file that no failed sync has touched.
                note(VarveError(error))
                try Sealer(environment, facts.paths).sealOwn(file, end: end)
                isSealed = true
            }
        }
        file.retireJournal(reuses: holes.isEmpty)
        if isSealed || facts.options.sync == .none {
            file.log.close()
        } else if environment.hasThreads, facts.options.useJournal {
            Housekeeping.shared().syncLater(file)
        } else {
            try file.syncLog()
            file.log.close()
        }
    }

    private func append(
        _ state: EndFrame.State, _ message: String, at ended: Int64?, _ holes: [Range<UInt64>], to file: WriterFile
    ) throws(FileError) {
        let time = environment.host.wallTime()
        try reportDrops(in: file)
        let points = file.ring.claimed
        try file.appender.withLock { appender throws(FileError) in
            if !holes.isEmpty {
                let entries = holes.map {
                    LossEntry(
                        reason: .hole, firstSequence: $0.lowerBound, points: $0.upperBound - $0.lowerBound, time: time,
                        detail: "claimed and never published")
                }
                try appender.append(
                    .loss, payload: LossEntry.payload(entries), count: entries.count, sequence: points)
            }
            let frame = EndFrame(state: state, points: points, time: ended ?? time, message: message)
            try appender.append(.end, payload: frame.payload(), count: 1, sequence: points)
        }
    }
}
