import Synchronization
import VarveFiles
import VarveFormat

/// A journal that this process writes: its file, its mapped pages, its hints and heartbeat (Format.md, section 5).
final class JournalFile: Sendable {
    let name: LogName
    let path: String
    let slots: Int
    let file: any OpenFile
    /// Nil where nothing can be mapped: then the journal is only a heartbeat.
    let region: (any MappedRegion)?

    private init(name: LogName, path: String, slots: Int, file: any OpenFile, region: (any MappedRegion)?) {
        self.name = name
        self.path = path
        self.slots = slots
        self.file = file
        self.region = region
    }

    /// Makes the journal of a log file.
    ///
    /// - Parameter slots: a power of two, or 0 for a heartbeat only.
    static func make(
        _ environment: Environment, _ paths: RepositoryPaths, header: JournalHeader, slots: Int
    ) throws(FileError) -> JournalFile {
        let name = LogName.journal(run: header.run, n: header.n)
        let path = paths.log(name)
        if slots > 0, let spare = environment.spares.take(logs: paths.logs, slots: slots) {
            // The new header first: a file whose header disagrees with its name is an empty journal.
            spare.write(header)
            do throws(FileError) { try environment.fileSystem.rename(spare.path, path) } catch {
                try? environment.fileSystem.unlink(spare.path)
                spare.discard()
                throw error
            }
            return JournalFile(name: name, path: path, slots: slots, file: spare.file, region: spare.region)
        }
        let file = try environment.fileSystem.open(path, .createNew)
        do throws(FileError) {
            guard slots > 0 else {
                let journal = JournalFile(name: name, path: path, slots: 0, file: file, region: nil)
                try journal.file.write(
                    header.bytes()
                        + [UInt8](
                            repeating: 0,
                            count: FormatConstants.journalHeaderBytes - FormatConstants.journalChecksummedBytes - 8),
                    at: 0)
                return journal
            }
            let size = FormatConstants.journalHeaderBytes + slots * FormatConstants.journalRecordBytes
            try file.allocate(size)
            let region = try file.map(size)
            let journal = JournalFile(name: name, path: path, slots: slots, file: file, region: region)
            journal.write(header)
            return journal
        } catch {
            file.close()
            try? environment.fileSystem.unlink(path)
            throw error
        }
    }

    private func write(_ header: JournalHeader) {
        guard let region else { return }
        hint(claimed: 0, drained: 0, synced: 0)
        header.bytes().withUnsafeBytes { region.base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    }

    /// Notes for readers how far the writer is. They need none of it to be right.
    func hint(claimed: UInt64, drained: UInt64, synced: UInt64) {
        guard let region else { return }
        word(region, FormatConstants.journalClaimedOffset).pointee.store(claimed.littleEndian, ordering: .relaxed)
        word(region, FormatConstants.journalDrainedOffset).pointee.store(drained.littleEndian, ordering: .relaxed)
        word(region, FormatConstants.journalSyncedOffset).pointee.store(synced.littleEndian, ordering: .relaxed)
    }

    /// Shows that the writer lives.
    func beat(_ count: UInt64) throws(FileError) {
        if let region {
            word(region, FormatConstants.journalHeartbeatOffset).pointee.store(count.littleEndian, ordering: .relaxed)
        } else {
            var writer = ByteWriter()
            writer.fixed(count)
            try file.write(writer.bytes, at: FormatConstants.journalHeartbeatOffset)
        }
    }

    /// Prepares the pages that `points` points from `sequence` on go to. A page that the disk has just got is
    /// write-protected, and a new one isn't there yet: the store that comes first would wait for the file system, and that
    /// now and then for the disk.
    func prefault(from sequence: UInt64, points: UInt64) {
        guard let region, slots > 0 else { return }
        let first = Int(sequence % UInt64(slots))
        let count = Int(min(points, UInt64(slots)))
        let inFirst = min(count, slots - first)
        for range in [first..<first + inFirst, 0..<count - inFirst] where !range.isEmpty {
            let start = FormatConstants.journalHeaderBytes + range.lowerBound * FormatConstants.journalRecordBytes
            region.prefault(start..<start + range.count * FormatConstants.journalRecordBytes)
        }
    }

    /// Makes header and records durable.
    func sync() throws(FileError) {
        if let region { try region.sync(0..<region.count) }
    }

    /// Whether the file still has its name; if not, somebody sealed it, or deleted the run.
    func isLinked(_ fileSystem: any FileSystem) -> Bool {
        do throws(FileError) {
            guard let named = try fileSystem.status(path) else { return false }
            let mine = try file.status()
            return named.inode == mine.inode && named.device == mine.device
        } catch {
            // An answer that can't be had is no reason to move: points stay where they are.
            return true
        }
    }

    /// Gives the journal back at a clean close: its pages serve this process's next run.
    func retire(_ environment: Environment, _ paths: RepositoryPaths) {
        guard region != nil else {
            file.close()
            try? environment.fileSystem.unlink(path)
            return
        }
        let spare = LogName.spare(environment.host.newID())
        let sparePath = paths.log(spare)
        do throws(FileError) {
            try environment.fileSystem.rename(path, sparePath)
            let journal = JournalFile(name: spare, path: sparePath, slots: slots, file: file, region: region)
            environment.spares.put(journal, logs: paths.logs, environment.fileSystem)
        } catch {
            try? environment.fileSystem.unlink(path)
            discard()
        }
    }

    /// Removes the journal's name, unless it is somebody else's by now. The pages stay for those who still look at
    /// them.
    func abandon(_ fileSystem: any FileSystem) {
        if isLinked(fileSystem) { try? fileSystem.unlink(path) }
        file.close()
    }

    /// Gives pages and descriptor back. Only for a journal whose ring nobody can touch any more.
    func discard() {
        file.close()
    }

    private func word(_ region: any MappedRegion, _ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (region.base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
