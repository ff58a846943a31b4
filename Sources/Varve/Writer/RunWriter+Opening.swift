import Synchronization
import VarveFiles
import VarveFormat

// How a run's files come to be: the first, a forked child's, the next after a move.

extension RunWriter {
    /// Makes the run's first file in this process.
    func open(
        revision: UInt64, rewind: BeginFrame.Rewind?, fork: BeginFrame.ForkSource?,
        properties: Properties
    ) throws(VarveError) {
        let time = environment.host.wallTime()
        let entries = properties.sorted { $0.key.precedesByBytes($1.key) }.enumerated().map { index, property in
            PropertyEntry(
                run: nil, key: property.key, revision: revision + 1 + UInt64(index), time: time, value: property.value)
        }
        do throws(FileError) {
            let file = try makeFile(
                first: facts.firstNumber, rewind: rewind, fork: fork, properties: entries)
            state.withLock {
                $0.file = file
                $0.revision = revision + UInt64(entries.count)
            }
        } catch {
            throw VarveError(error)
        }
        if environment.hasThreads, facts.options.useJournal { Housekeeping.shared().add(self) }
    }

    /// A forked child's own file: same run, same attempt. If it can't be made, the child's points are dropped and
    /// counted.
    func openInChild() {
        guard opensInChild.load(ordering: .acquiring) else { return }
        opening.withLock {
            guard opensInChild.load(ordering: .relaxed) else { return }
            makeChildFile()
            opensInChild.store(false, ordering: .releasing)
        }
    }

    private func makeChildFile() {
        do throws(FileError) {
            let file = try makeFile(first: try nextNumber(after: nil), rewind: nil, fork: nil, properties: [])
            state.withLock { $0.file = file }
            if environment.hasThreads, facts.options.useJournal { Housekeeping.shared().add(self) }
        } catch {
            note(VarveError(error))
        }
    }

    func makeFile(
        first: UInt32, rewind: BeginFrame.Rewind?, fork: BeginFrame.ForkSource?, properties: [PropertyEntry]
    ) throws(FileError) -> WriterFile {
        let fileSystem = environment.fileSystem
        let host = environment.host
        let identity = host.identity()
        var n = first
        var log: (any OpenFile)?
        while log == nil {
            do throws(FileError) {
                log = try fileSystem.open(facts.paths.log(.log(run: facts.run, n: n)), .createNew)
            } catch  where error.code == .exists && n < .max {
                n += 1
            }
        }
        guard let log else { throw FileError("open", facts.paths.logs, .exists) }
        let name = LogName.log(run: facts.run, n: n)
        var begin = BeginFrame()
        begin.repository = facts.repository
        begin.run = facts.run
        begin.n = n
        begin.salt = host.random()
        begin.attempt = facts.attempt
        begin.rank = facts.options.rank.map { UInt32(clamping: $0) }
        begin.rewind = rewind
        begin.fork = fork
        begin.created = facts.options.created ?? host.wallTime()
        if facts.options.isLocal { begin.host = identity.hostName }
        var journal: JournalFile?
        var ring: Ring?
        let slots = max(2048, min(facts.options.journalBytes, 64 << 20) / FormatConstants.journalRecordBytes)
        let ringSlots = 1 << (Int.bitWidth - 1 - slots.leadingZeroBitCount)
        do throws(FileError) {
            if facts.options.useJournal {
                var header = JournalHeader()
                header.run = facts.run
                header.n = n
                header.salt = begin.salt
                header.boot = identity.boot
                header.namespace = identity.namespace
                header.pid = identity.pid
                header.processStarted = identity.started
                header.created = begin.created
                header.repository = facts.repository
                header.host = identity.hostName
                let isMapped = try fileSystem.volume(facts.paths.logs).mapsSafely
                header.slots = isMapped ? UInt32(ringSlots) : 0
                let made = try JournalFile.make(
                    environment, facts.paths, header: header, slots: Int(header.slots))
                journal = made
                if let region = made.region {
                    ring = Ring(memory: .mapped(region), slots: ringSlots, salt: begin.salt)
                }
                begin.durability = isMapped ? .mapped : .buffered
            }
            var appender = LogAppender(file: log, salt: begin.salt)
            try appender.begin(begin, properties: properties)
            return WriterFile(
                environment: environment, paths: facts.paths, name: name, begin: begin, log: log, appender: appender,
                ring: ring ?? .heap(slots: ringSlots, salt: begin.salt), journal: journal, sync: facts.options.sync,
                firstSequence: 0)
        } catch {
            // Nothing was acknowledged from this file yet: it may go without a trace.
            journal?.abandon(fileSystem)
            log.close()
            try? fileSystem.unlink(facts.paths.log(name))
            throw error
        }
    }
}
