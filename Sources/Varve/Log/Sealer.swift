import VarveFiles
import VarveFormat

/// Saves what the journal of a dead writer still holds in a file of its own (Format.md, section 3.10).
///
/// The dead file is never touched. Two sealers, a wrong verdict and a crash at any instant do no harm: the seal is
/// published whole or not at all,
/// the first one counts, and of it only the sequences that no frame of the source holds.
struct Sealer {
    private let environment: Environment
    private let paths: RepositoryPaths

    init(_ environment: Environment, _ paths: RepositoryPaths) {
        self.environment = environment
        self.paths = paths
    }

    /// Seals every journal whose writer is dead. Returns the files that were sealed.
    ///
    /// - Parameter runs: only those of these runs; nil: all, and spare journals that nobody will take any more are removed.
    func sealDead(of runs: Set<UniqueID>? = nil) throws(VarveError) -> [LogName] {
        let names: [String]
        do throws(FileError) { names = try environment.fileSystem.list(paths.logs) } catch { throw VarveError(error) }
        var sealed: [LogName] = []
        for name in names {
            if runs == nil, let spare = LogName(name) { try sweep(spare) }
            guard case .journal(let run, let n)? = LogName(name), runs?.contains(run) ?? true else { continue }
            if try seal(run: run, n: n) { sealed.append(.log(run: run, n: n)) }
        }
        return sealed
    }

    /// Removes a spare journal whose process is gone: nobody will take it any more.
    private func sweep(_ name: LogName) throws(VarveError) {
        guard case .spare = name else { return }
        guard let journal = try JournalReader(paths.log(name), name: name, environment.fileSystem) else { return }
        defer { journal.close() }
        guard Liveness.judge(journal, environment.host) == .dead else { return }
        do throws(FileError) { try environment.fileSystem.unlink(paths.log(name)) } catch { throw VarveError(error) }
    }

    /// Seals one journal if its writer is dead.
    private func seal(run: UniqueID, n: UInt32) throws(VarveError) -> Bool {
        let fileSystem = environment.fileSystem
        let name = LogName.journal(run: run, n: n)
        guard let journal = try JournalReader(paths.log(name), name: name, fileSystem) else { return false }
        defer { journal.close() }
        guard Liveness.judge(journal, environment.host) == .dead else { return false }
        let logName = LogName.log(run: run, n: n)
        let source: any OpenFile
        do throws(FileError) { source = try fileSystem.open(paths.log(logName), .read) } catch
            where error.code == .notFound || error.code.isNoFile
        {
            // Its log was deleted, or something else has its name, and nothing says what its series were.
            return false
        } catch {
            throw VarveError(error)
        }
        defer { source.close() }
        let zstd = Zstd()
        let sections: [LogSection]
        do throws(VarveError) { sections = try LogScanner.scan(source, name: logName, zstd: zstd) } catch
            where error.code == .damaged || error.code == .unsupported
        {
            // Nothing can be made of it; its journal stays. Readers name it, and the other files' sealing goes on.
            return false
        }
        guard let section = sections.first(where: { $0.begin.salt == journal.header.salt }) else { return false }
        do throws(FileError) {
            // What was drained and not synced is durable in the journal only, which goes.
            try source.sync()
            if section.end == nil {
                let content: JournalReader.Content
                do throws(VarveError) {
                    content = journal.content(of: try journal.ring(), from: section.endSequence)
                } catch {
                    throw FileError("read", paths.log(name), .io)
                }
                let size = UInt64(try source.size())
                var frames = SealFrames(environment, source: section.begin, size: size)
                frames.define(section.definitions)
                frames.append(content)
                let time = try lastSign([logName, name], content, since: section.begin.created)
                _ = try publish(frames.finish(.killed, time: time), run: run, n: n)
            }
            try fileSystem.unlink(paths.log(name))
        } catch {
            throw VarveError(error)
        }
        return section.end == nil
    }

    /// The last sign of life of a dead writer: when its files changed (of a mapped journal the system notes that late), or
    /// the time of its newest point, unless that lies in the future.
    private func lastSign(
        _ names: [LogName], _ content: JournalReader.Content, since begin: Int64
    ) throws(FileError) -> Int64 {
        let now = environment.host.wallTime()
        var times = content.records.map(\.record.time)
        for name in names {
            if let status = try environment.fileSystem.status(paths.log(name)) { times.append(status.modified) }
        }
        return times.filter { $0 >= begin && $0 <= now }.max() ?? min(begin, now)
    }

    /// Seals a file of this process that can take no more: what is still in its ring goes into the seal.
    ///
    /// - Parameter rewritesUnsynced: the log could not be made durable: everything after the last good sync is written anew.
    func sealOwn(
        _ file: WriterFile, end state: EndFrame.State = .moved, rewritesUnsynced: Bool = true
    ) throws(FileError) {
        let rest = file.giveUp()
        let (end, synced, keys) = file.appender.withLock { ($0.end, $0.synced, $0.keys) }
        // A write that failed may have left something behind the end, and was the last.
        var frames = SealFrames(environment, source: file.begin, size: UInt64(max(end, try file.log.size())))
        var definitions: [UInt32: SeriesDefinition] = [:]
        for (id, defined) in keys {
            definitions[id] = SeriesDefinition(
                id: id, metric: defined.key.metric, valueType: defined.valueType,
                automaticSteps: defined.key.automaticSteps)
        }
        frames.define(definitions)
        do throws(VarveError) {
            let sections = rewritesUnsynced ? try LogScanner.scan(file.log, name: file.name, zstd: Zstd()) : []
            if let section = sections.first {
                let reader = LogFileReader(file.log, zstd: Zstd())
                for frame in section.frames where frame.offset + frame.header.frameBytes > synced {
                    frames.append(frame, payload: try reader.payload(of: frame, in: section))
                }
                frames.append(section.properties)
            }
        } catch {
            // What the page cache lost is lost; the ring, below, is not.
        }
        var content = JournalReader.Content()
        for sequence in rest {
            if let record = file.ring.record(sequence) { content.records.append((sequence, record)) }
        }
        frames.append(content)
        _ = try publish(frames.finish(state), run: file.begin.run, n: file.begin.n)
    }

    private func publish(_ bytes: [UInt8], run: UniqueID, n: UInt32) throws(FileError) -> Bool {
        let path = paths.log(.seal(run: run, n: n))
        return try environment.fileSystem.publish(
            path, from: Paths.temporary(for: path, tag: environment.host.random()), bytes: bytes)
    }

    /// The sequences that somebody's seal of our own file took. A seal that can't be read is an error: what it holds must
    /// not be written a second time.
    func sequences(ofSealOf file: WriterFile) throws(FileError) -> SequenceSet {
        let name = LogName.seal(run: file.begin.run, n: file.begin.n)
        var taken = SequenceSet()
        let seal: any OpenFile
        do throws(FileError) { seal = try environment.fileSystem.open(paths.log(name), .read) } catch
            where error.code == .notFound
        {
            return taken
        }
        defer { seal.close() }
        let sections: [LogSection]
        do throws(VarveError) { sections = try LogScanner.scan(seal, name: name, zstd: Zstd()) } catch {
            // Damaged as a whole: nobody will read anything in it.
            guard error.code == .system else { return taken }
            throw FileError("read", paths.log(name), .io)
        }
        for section in sections where section.begin.sealOf?.salt == file.begin.salt {
            for frame in section.frames where frame.kind == .points { taken.insert(frame.sequences) }
        }
        return taken
    }
}
