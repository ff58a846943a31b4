import VarveFiles
import VarveFormat

/// Reads another process's journal, with ordinary reads: it may be written, reused or cut at the same time.
struct JournalReader {
    private(set) var header: JournalHeader
    /// The header is damaged: what it would say is taken from the file's name, its size and the log file.
    let damage: VarveError?
    /// Moves while the writer lives.
    let heartbeat: UInt64
    private let file: any OpenFile
    private let claimedHint: UInt64

    /// Opens a journal; nil if it is empty: cut off, or its header disagrees with its name. (A spare's may say
    /// anything.)
    ///
    /// - Parameter salvaging: opens one with a damaged header, too; its records prove themselves. And says so if something
    ///   has the name that is no file; else that is as good as nothing.
    init?(
        _ path: String, name: LogName, _ fileSystem: any FileSystem, salvaging: Bool = false
    ) throws(VarveError) {
        do throws(FileError) {
            guard try fileSystem.status(path) != nil else { return nil }
            file = try fileSystem.open(path, .read)
        } catch  where error.code == .notFound || error.code.isNoFile && !salvaging {
            return nil
        } catch {
            throw VarveError(error)
        }
        let page: [UInt8]
        do throws(FileError) { page = try file.read(upTo: FormatConstants.journalHeaderBytes, at: 0) } catch {
            throw VarveError(error)
        }
        do throws(FormatError) {
            header = try JournalHeader(parsing: page.span.bytes)
            damage = nil
        } catch {
            let found = salvaging ? Self.salvage(file, page, name) : nil
            guard let found else {
                file.close()
                return nil
            }
            header = found
            damage = VarveError(error.located(in: path))
        }
        var isSpare = false
        if case .spare = name { isSpare = true }
        guard isSpare || name == .journal(run: header.run, n: header.n) else {
            file.close()
            return nil
        }
        func word(_ offset: Int) -> UInt64 {
            guard page.count >= offset + 8 else { return 0 }
            return page.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
        }
        heartbeat = word(FormatConstants.journalHeartbeatOffset)
        claimedHint = word(FormatConstants.journalClaimedOffset)
    }

    func close() { file.close() }

    /// What can be known of a journal whose header can't be read; nil if there is nothing: one that is being made is all
    /// zeros, or as long as its writer came.
    private static func salvage(_ file: any OpenFile, _ page: [UInt8], _ name: LogName) -> JournalHeader? {
        let checked = FormatConstants.journalChecksummedBytes + 8
        guard case .journal(let run, let n) = name, page.count == FormatConstants.journalHeaderBytes,
            page.prefix(checked).contains(where: { $0 != 0 }), let size = try? file.size(),
            // Whoever was writing the header a moment ago is done by now.
            let again = try? file.read(upTo: checked, at: 0), again == Array(page.prefix(checked))
        else { return nil }
        let slots = (size - FormatConstants.journalHeaderBytes) / FormatConstants.journalRecordBytes
        guard slots > 0, slots <= 1 << 26 else { return nil }
        var header = JournalHeader()
        header.run = run
        header.n = n
        // A power of two; what was cut off is as good as empty.
        header.slots = UInt32(1) << UInt32(Int.bitWidth - (slots - 1).leadingZeroBitCount)
        return header
    }

    /// Gives a journal with a damaged header the salt that its log file states.
    mutating func adopt(salt: UInt64) {
        if damage != nil { header.salt = salt }
    }

    /// A copy of all slots; short if the file was cut.
    func ring() throws(VarveError) -> [UInt8] {
        do throws(FileError) {
            // No more than the file has: the header may promise anything.
            let rest = max(0, try file.size() - FormatConstants.journalHeaderBytes)
            let bytes = min(Int(header.slots) * FormatConstants.journalRecordBytes, rest)
            return try file.read(upTo: bytes, at: FormatConstants.journalHeaderBytes)
        } catch {
            throw VarveError(error)
        }
    }

    /// Reads the slots of the holes in `content` again, and puts into `ring`, the copy that it was found in, what stands there of
    /// these sequences by now.
    ///
    /// Copying takes time, and a thread that logs meanwhile may be seen with its later points only. Whoever repeats this
    /// until it says false has no such gap: every point before one that is in the copy was published before the last look.
    /// - Returns: whether one of the slots has changed; what was there may then be in the log by now, and so may its series.
    func lookAgain(at content: Content, in ring: inout [UInt8]) throws(VarveError) -> Bool {
        guard header.slots > 0, let newest = content.records.last?.sequence else { return false }
        // What is a lap older than the newest record has left the ring: where a power failure took that much of the log, it may be
        // millions.
        let lap = (newest - min(newest, UInt64(header.slots)))..<newest
        let recordBytes = FormatConstants.journalRecordBytes
        var isChanged = false
        var sequences = content.holes.lazy.map { $0.clamped(to: lap) }.joined().makeIterator()
        var next = sequences.next()
        while let first = next {
            // Holes mostly lie side by side, and a read costs more than what lies between them.
            let slot = slot(of: first)
            let count = min(Int(header.slots) - slot, 512, (ring.count - slot * recordBytes) / recordBytes)
            guard count > 0 else { return isChanged }
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try file.read(
                    upTo: count * recordBytes, at: FormatConstants.journalHeaderBytes + slot * recordBytes)
            } catch {
                throw VarveError(error)
            }
            while let sequence = next, sequence - first < UInt64(bytes.count / recordBytes) {
                let old = self.slot(of: sequence) * recordBytes
                let new = Int(sequence - first) * recordBytes
                if ring[old..<old + recordBytes] != bytes[new..<new + recordBytes] {
                    isChanged = true
                    if Self.record(bytes, at: new).isValid(for: sequence, salt: header.salt) {
                        ring.replaceSubrange(old..<old + recordBytes, with: bytes[new..<new + recordBytes])
                    }
                }
                next = sequences.next()
            }
            // The file was cut.
            if bytes.count < count * recordBytes { return true }
        }
        return isChanged
    }

    private func slot(of sequence: UInt64) -> Int { Int(sequence & UInt64(header.slots - 1)) }

    private func record(_ sequence: UInt64, in ring: [UInt8]) -> JournalRecord? {
        guard header.slots > 0 else { return nil }
        let offset = slot(of: sequence) * FormatConstants.journalRecordBytes
        guard offset + FormatConstants.journalRecordBytes <= ring.count else { return nil }
        let record = Self.record(ring, at: offset)
        return record.isValid(for: sequence, salt: header.salt) ? record : nil
    }

    private static func record(_ bytes: [UInt8], at offset: Int) -> JournalRecord {
        let bytes = bytes.span.bytes
        return JournalRecord(
            step: Int64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int64.self)),
            time: Int64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: Int64.self)),
            value: UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)),
            series: UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 24, as: UInt32.self)),
            check: UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 28, as: UInt32.self)))
    }

    /// The records from `first` on that are published, without a gap; at most 4,096 of them. Reads only what it needs:
    /// cheap when nothing is new.
    func stretch(from first: UInt64) throws(VarveError) -> [(sequence: UInt64, record: JournalRecord)] {
        guard header.slots > 0 else { return [] }
        var found: [(sequence: UInt64, record: JournalRecord)] = []
        var sequence = first
        var batch = 1
        while found.count < 4096 {
            let slot = slot(of: sequence)
            let count = min(batch, Int(header.slots) - slot)
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try file.read(
                    upTo: count * FormatConstants.journalRecordBytes,
                    at: FormatConstants.journalHeaderBytes + slot * FormatConstants.journalRecordBytes)
            } catch {
                throw VarveError(error)
            }
            for i in 0..<(bytes.count / FormatConstants.journalRecordBytes) {
                let record = Self.record(bytes, at: i * FormatConstants.journalRecordBytes)
                guard record.isValid(for: sequence, salt: header.salt) else { return found }
                found.append((sequence, record))
                sequence &+= 1
            }
            guard bytes.count == count * FormatConstants.journalRecordBytes else { return found }
            batch = 512
        }
        return found
    }

    /// What a ring holds beyond the log.
    struct Content {
        /// In the order of their sequences.
        var records: [(sequence: UInt64, record: JournalRecord)] = []
        /// Sequences between them that are in neither ring nor log.
        var holes: [Range<UInt64>] = []
        /// Sequences below this had left the ring: their slots were given to later ones, as happens only once they are in the log.
        var drained: UInt64 = 0

        /// The holes that the log had, and hasn't any more: it was copied before its journal, or a power failure took its end.
        var lost: [Range<UInt64>] { holes.map { $0.clamped(to: 0..<drained) }.filter { !$0.isEmpty } }
        /// The holes that were claimed and never published.
        var unpublished: [Range<UInt64>] { holes.map { $0.clamped(to: drained..<(.max)) }.filter { !$0.isEmpty } }
    }

    /// All points from `end` on that `ring`, a copy of the slots, holds, with the holes between them.
    ///
    /// - Parameter isStill: nobody writes it any more: what can't be explained is looked into.
    func content(of ring: [UInt8], from end: UInt64, isStill: Bool = true) -> Content {
        let slots = UInt64(header.slots)
        var content = Content()
        var next = end
        func take(_ range: Range<UInt64>) {
            for sequence in range {
                guard let record = record(sequence, in: ring) else { continue }
                if sequence > next { content.holes.append(next..<sequence) }
                content.records.append((sequence, record))
                next = sequence + 1
            }
        }
        take(end..<(end + slots))
        // After a power cut the log may lack more than a lap; the hint says where the ring was.
        // (The hint has no checksum: one that is so far off that a check, which knows 32 bits of the sequence, would pass
        // for the wrong lap, isn't believed.)
        let low = claimedHint > slots ? claimedHint - slots : 0
        if low >= end, claimedHint - end < 1 << 32 - 2 * slots { take(max(low, end + slots)..<(claimedHint + slots)) }
        if isStill, let laps = laterLaps(of: ring, from: end), laps.upperBound > next {
            take(max(laps.lowerBound, next)..<laps.upperBound)
        }
        if let newest = content.records.last?.sequence, newest >= slots { content.drained = newest + 1 - slots }
        return content
    }

    /// How many slots are tried against later laps, and against how many, if they aren't large: a writer that logs 10 M points a
    /// second goes through so many laps of a ring of 1 MiB in three seconds.
    private static let (triedSlots, triedLaps) = (UInt64(16), UInt64(1_024))

    /// The sequences of laps to which neither the log's end nor the hint leads; nil if there are none.
    ///
    /// A file that is copied by somebody else's tool may be read over seconds: its header first, and each part of its slots
    /// when the writer has gone round its ring many more times. Then all its records are of another lap than the header's.
    /// A few slots are tried, as a slot may as well be a reused journal's, which has no record of ours in it. A check has 32 bits,
    /// so that two neighbours must agree.
    private func laterLaps(of ring: [UInt8], from end: UInt64) -> Range<UInt64>? {
        let slots = UInt64(header.slots)
        guard slots > 1, end < 1 << 62 else { return nil }
        var found: Range<UInt64>?
        for sample in stride(from: end, to: end + slots, by: Int(max(1, slots / Self.triedSlots))) {
            let isExplained =
                record(sample, in: ring) != nil || sample >= slots && record(sample - slots, in: ring) != nil
            guard !isExplained, !isEmpty(sample, in: ring) else { continue }
            for lap in 1...max(1, min(Self.triedLaps, 1 << 26 / slots)) {
                let sequence = sample + lap * slots
                guard record(sequence, in: ring) != nil,
                    record(sequence + 1, in: ring) != nil || record(sequence - 1, in: ring) != nil
                else { continue }
                let low = min(found?.lowerBound ?? .max, sequence - slots + 1)
                found = low..<max(found?.upperBound ?? 0, sequence + slots)
                break
            }
        }
        return found
    }

    /// Whether the slot of a sequence was never written.
    private func isEmpty(_ sequence: UInt64, in ring: [UInt8]) -> Bool {
        let offset = slot(of: sequence) * FormatConstants.journalRecordBytes
        return ring.dropFirst(offset).prefix(FormatConstants.journalRecordBytes).allSatisfy { $0 == 0 }
    }
}
