import VarveFiles
import VarveFormat

// Going on in the next file.

extension RunWriter {
    enum MoveReason {
        /// The journal lost its name: somebody sealed it, or deleted the run.
        case sealed
        /// The log could not be made durable.
        case failedSync
    }

    /// Goes on in the next file. What the ring holds goes along, but for what a seal took.
    func move(from old: WriterFile, because reason: MoveReason) throws(FileError) {
        try state.withLock { state throws(FileError) in
            guard state.file === old, !state.isClosed else { return }
            let fileSystem = environment.fileSystem
            if reason == .failedSync {
                // What the page cache still has of the log goes into a seal, under its old sequences: if the disk kept
                // the first writing after all, nothing counts twice.
                _ = old.ring.close()
                try Sealer(environment, facts.paths).sealOwn(old)
                old.journal?.abandon(fileSystem)
            }
            let names = try fileSystem.list(facts.paths.logs)
            let next = try makeFile(
                first: try RunFiles.nextNumber(of: facts.run, in: names), rewind: nil, fork: nil, properties: [])
            if reason == .sealed {
                try carry(from: old, to: next)
            }
            state.loggedBefore += Int(clamping: old.ring.claimed)
            state.file = next
        }
    }

    /// Copies what a sealed file's ring holds, and its seal doesn't, to the next file.
    private func carry(from old: WriterFile, to next: WriterFile) throws(FileError) {
        let final = old.ring.close() ?? old.ring.claimed
        let sealed = Sealer(environment, facts.paths).sequences(ofSealOf: old)
        let drained = old.drain.withLock { $0.drained }
        let keys = old.appender.withLock { $0.keys }
        var sequence = drained
        while sequence < final {
            // Claimed a moment ago and not published yet: its thread needs an instant, not more.
            var patience = 1000
            while old.ring.record(sequence) == nil, patience > 0, environment.hasThreads {
                Pause.short()
                patience -= 1
            }
            if let record = old.ring.record(sequence), !sealed.contains(sequence), let key = keys[record.series] {
                let id = try next.appender.withLock { appender throws(FileError) in
                    try appender.define(key.key, valueType: key.valueType, sequence: 0)
                }
                if let id {
                    while true {
                        if let claimed = next.ring.hot.pointee.claim() {
                            next.ring.hot.pointee.store(
                                claimed, step: record.step, time: record.time, value: record.value, series: id)
                            break
                        }
                        try next.drain()
                    }
                }
            }
            sequence += 1
        }
        try next.drain()
    }
}
