import VarveFiles
import VarveFormat

/// The bytes of a damaged log file with what is whole in it, each frame at its old offset.
///
/// A damaged header, or a damaged definition, that can be proved is made anew. What else is damaged gives way to frames that readers
/// skip, or that say which points are missing: so the file keeps its identity, and what the index and seals say of its offsets stays true.
/// A copy of `begin` that is damaged is made from the other one, and both from the index (``LostBegin``). Bytes behind the last
/// whole frame are left out.
struct LogSalvage {
    /// What was left out, by offset.
    private(set) var dropped: [Range<Int>] = []
    /// Points that are in no frame, and that no frame had accounted for.
    private(set) var lostPoints = 0
    /// Damaged frames that were made anew as they were.
    private(set) var restoredFrames = 0
    /// Whether any identity was found: without it nothing can be salvaged.
    private(set) var hasBegin = false

    private let file: any OpenFile
    private let target: any OpenFile
    private let zstd: Zstd
    private let now: Int64
    private let size: Int
    /// What the file began with, if nothing of it is left.
    private let lostBegin: LostBegin?
    private var begin: (frame: [UInt8], salt: UInt64, identity: LogIdentity)?
    /// How many copies of the current `begin` were written.
    private var beginCopies = 0
    private var next: UInt64 = 0
    /// The last damaged stretch, until the whole frame behind it is met.
    private var open: Range<Int>?
    private var written = 0
    /// Where the sequences go on, or end, as far as the whole frames tell; nil: another file of a pack begins. Found by a walk
    /// before the one that writes.
    private var anchors: [(offset: Int, sequence: UInt64?)] = []
    private var nextAnchor = 0
    private var isLooking = true
    /// The metrics of the repository, and how to learn of them: nobody asks as long as no definition is damaged.
    private let metrics: () -> [MetricKey]
    private var lostDefinition: LostDefinition?
    /// Each that is tried takes a moment, and a file may be full of what looks like them.
    private var triedDefinitions = 0
    private static let mostTriedDefinitions = 256
    /// The series that whole frames define.
    private var defined: Set<UInt32> = []

    /// Kinds from 128 on are skipped by readers that don't know them; no version gives this one a meaning.
    private static let filler: UInt8 = 255

    /// Reads `file` and writes to `target`, an empty one.
    static func run(
        _ file: any OpenFile, to target: any OpenFile, zstd: Zstd, now: Int64, lostBegin: LostBegin? = nil,
        metrics: @escaping () -> [MetricKey] = { [] }
    ) throws(FileError) -> LogSalvage {
        var salvage = try LogSalvage(file, target, zstd, now, lostBegin, metrics)
        try salvage.walk()
        salvage.begin = nil
        (salvage.hasBegin, salvage.next, salvage.dropped, salvage.isLooking) = (false, 0, [], false)
        try salvage.walk()
        return salvage
    }

    private init(
        _ file: any OpenFile, _ target: any OpenFile, _ zstd: Zstd, _ now: Int64, _ lostBegin: LostBegin?,
        _ metrics: @escaping () -> [MetricKey]
    ) throws(FileError) {
        self.metrics = metrics
        self.lostBegin = lostBegin
        self.file = file
        self.target = target
        self.zstd = zstd
        self.now = now
        size = try file.size()
    }

    private mutating func walk() throws(FileError) {
        var offset = 0
        if let lostBegin {
            begin = (lostBegin.frame, lostBegin.identity.salt, lostBegin.identity)
            beginCopies = 2
            defined = lostBegin.definedSeries
            hasBegin = true
        }
        while offset < size {
            if let (header, stored, plain) = try frame(at: offset) {
                try take(header, stored, plain, at: offset)
                offset += header.frameBytes
                continue
            }
            let end = try nextHeader(after: offset) ?? size
            if let (header, stored, plain) = try frame(withLostHeaderAt: offset, before: end) {
                if !isLooking { restoredFrames += 1 }
                try take(header, stored, plain, at: offset)
                offset += header.frameBytes
                continue
            }
            // Neighbouring stretches are one: a frame with a damaged payload, then one with a damaged header.
            if let before = open, before.upperBound == offset {
                open = before.lowerBound..<end
            } else {
                // There is a whole frame between two of them, which has closed the first.
                open = offset..<end
            }
            if end == size { break }
            offset = end
        }
        // What is at the end and damaged, or cut off, is left out: a file may end anywhere.
        if let open { dropped.append(open) }
        open = nil
    }

    /// A frame whose header and payload are whole.
    private func frame(at offset: Int) throws(FileError) -> (FrameHeader, stored: [UInt8], plain: [UInt8])? {
        let bytes = try file.read(upTo: FormatConstants.frameHeaderBytes, at: offset)
        guard let header = try? FrameHeader(parsing: bytes.span.bytes) else { return nil }
        let stored = try file.read(upTo: header.storedBytes, at: offset + FormatConstants.frameHeaderBytes)
        guard stored.count == header.storedBytes,
            let plain = try? header.payload(of: stored.span.bytes, salt: begin?.salt ?? 0, zstd: zstd)
        else { return nil }
        return (header, stored, plain)
    }

    /// A frame whose payload is whole, and whose header can be made anew from what is left of it.
    private func frame(
        withLostHeaderAt offset: Int, before end: Int
    ) throws(FileError) -> (FrameHeader, stored: [UInt8], plain: [UInt8])? {
        let length = FormatConstants.frameHeaderBytes
        let damaged = try file.read(upTo: length, at: offset)
        guard let begin, end - offset >= length, (try? FrameHeader(parsing: damaged.span.bytes)) == nil,
            // Zeros have no checksums, and most often there are many.
            damaged[16...].contains(where: { $0 != 0 })
        else { return nil }
        let room = try file.read(
            upTo: min(end - offset - length, FormatConstants.maxPlainBytes + 7), at: offset + length)
        guard let header = LostHeader(damaged, room: room, salt: begin.salt)?.found() else { return nil }
        let stored = Array(room[..<header.storedBytes])
        guard let plain = try? header.payload(of: stored.span.bytes, salt: begin.salt, zstd: zstd) else { return nil }
        return (header, stored, plain)
    }

    private func nextHeader(after offset: Int) throws(FileError) -> Int? {
        let alignment = FormatConstants.frameAlignment
        var candidate = offset / alignment * alignment + alignment
        while candidate + FormatConstants.frameHeaderBytes <= size {
            let bytes = try file.read(upTo: 64 << 10, at: candidate)
            let head = FormatConstants.frameHeaderBytes
            var at = 0
            while at + head <= bytes.count {
                let header = bytes.span.bytes.extracting(at..<(at + head))
                if (try? FrameHeader(parsing: header)) != nil { return candidate + at }
                at += alignment
            }
            guard let data = file.firstData(from: candidate + max(alignment, at)) else { return nil }
            candidate = data / alignment * alignment
        }
        return nil
    }

    private mutating func take(
        _ header: FrameHeader, _ stored: [UInt8], _ plain: [UInt8], at offset: Int
    ) throws(FileError) {
        let kind = FrameKind(rawValue: header.kind)
        var bytes = Self.bytes(header, stored)
        if kind == .begin, let parsed = try? BeginFrame(parsing: plain.span.bytes) {
            let isCopy = begin?.identity == parsed.identity
            if isLooking, !isCopy { anchors.append((offset, nil)) }
            try close(at: offset, spare: isCopy || open == nil ? nil : bytes)
            if !isCopy {
                hasBegin = true
                next = 0
                defined = []
                // The first one of two, unless that was damaged and has just been written.
                beginCopies = beginCopies == -1 ? 1 : 0
            }
            begin = (bytes, parsed.salt, parsed.identity)
            beginCopies += 1
        } else {
            if isLooking, kind == .points { anchors.append((offset, header.firstSequence)) }
            if isLooking, kind == .end, let end = try? EndFrame(parsing: plain.span.bytes) {
                anchors.append((offset, end.points))
            }
            try close(at: offset)
        }
        if kind == .define { note(definitions: plain, of: header) }
        if kind == .points { next = max(next, header.firstSequence + UInt64(header.count)) }
        try append(&bytes)
    }

    private static func bytes(_ header: FrameHeader, _ stored: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: header.frameBytes)
        header.write(to: &writer)
        writer.raw(stored)
        writer.pad(to: FormatConstants.frameAlignment)
        return writer.bytes
    }

    /// Writes what stands in place of the damaged stretch before the whole frame at `offset`.
    ///
    /// - Parameter spare: that frame, if it is the second copy of a `begin` whose first may be what is damaged.
    private mutating func close(at offset: Int, spare: [UInt8]? = nil) throws(FileError) {
        guard var stretch = open else { return }
        open = nil
        if !isLooking {
            var again = try definitions(at: stretch)
            try append(&again)
            stretch = stretch.lowerBound + again.count..<stretch.upperBound
            if stretch.isEmpty { return }
        }
        dropped.append(stretch)
        guard !isLooking else { return }
        var room = stretch.count
        if stretch.lowerBound == 0, let lostBegin {
            for part in [lostBegin.frame, lostBegin.frame, lostBegin.definitions]
            where !part.isEmpty && Self.fits(part.count, in: room) {
                var bytes = part
                try append(&bytes)
                room -= bytes.count
            }
        }
        if var spare, Self.fits(spare.count, in: room) {
            try fill(room - spare.count)
            try append(&spare)
            beginCopies = -1
            return
        }
        if spare == nil, beginCopies == 1, var again = begin?.frame, Self.fits(again.count, in: room) {
            room -= again.count
            try append(&again)
            beginCopies += 1
        }
        if let after = sequence(after: offset), after > next, hasBegin, try tellLoss(of: next..<after, in: room) {
            lostPoints += Int(clamping: after - next)
            next = after
            return
        }
        try fill(room)
    }

    /// The frames that a stretch begins with, as far as they were definitions that can be made anew.
    private mutating func definitions(at stretch: Range<Int>) throws(FileError) -> [UInt8] {
        var made: [UInt8] = []
        while made.count < stretch.count {
            let offset = stretch.lowerBound + made.count
            let bytes = try file.read(upTo: FormatConstants.frameHeaderBytes, at: offset)
            guard let begin, let header = try? FrameHeader(parsing: bytes.span.bytes),
                FrameKind(rawValue: header.kind) == .define, made.count + header.frameBytes <= stretch.count
            else { break }
            guard let payload = try definition(header, at: offset, salt: begin.salt) else { break }
            if let plain = try? header.payload(of: payload.span.bytes, salt: begin.salt, zstd: zstd) {
                note(definitions: plain, of: header)
            }
            restoredFrames += 1
            made += Self.bytes(header, payload)
        }
        return made
    }

    /// The stored payload of a damaged definition as it was, if that can be proved.
    private mutating func definition(
        _ header: FrameHeader, at offset: Int, salt: UInt64
    ) throws(FileError) -> [UInt8]? {
        triedDefinitions += 1
        guard triedDefinitions <= Self.mostTriedDefinitions else { return nil }
        let stored = try file.read(upTo: header.storedBytes, at: offset + FormatConstants.frameHeaderBytes)
        if let payload = LostDefinition.payload(of: header, withOneByteWrong: stored, salt: salt) { return payload }
        let known = lostDefinition ?? LostDefinition(metrics())
        lostDefinition = known
        // Series are numbered as they come: more than a few are damaged where nothing helps.
        let ids = (0..<UInt32(min(defined.count + 64, FormatConstants.maxSeries))).filter { !defined.contains($0) }
        return known.payload(of: header, salt: salt, ids: ids)
    }

    private mutating func note(definitions plain: [UInt8], of header: FrameHeader) {
        for one in (try? SeriesDefinition.parse(plain.span.bytes, count: header.count)) ?? [] { defined.insert(one.id) }
    }

    /// Whether so many bytes leave nothing, or the room of a frame.
    private static func fits(_ bytes: Int, in room: Int) -> Bool {
        room == bytes || room - bytes >= FormatConstants.frameHeaderBytes
    }

    /// Where the sequences go on behind `offset` in the file at hand; nil: nobody knows.
    private mutating func sequence(after offset: Int) -> UInt64? {
        while nextAnchor < anchors.count, anchors[nextAnchor].offset < offset { nextAnchor += 1 }
        return nextAnchor < anchors.count ? anchors[nextAnchor].sequence : nil
    }

    /// Writes a frame of exactly `room` bytes that says which points are missing; false if it doesn't fit.
    private mutating func tellLoss(of range: Range<UInt64>, in room: Int) throws(FileError) -> Bool {
        let space = room - FormatConstants.frameHeaderBytes
        for detail in ["damaged, and left out by a repair", ""] {
            let entry = LossEntry(
                reason: .hole, firstSequence: range.lowerBound, points: UInt64(range.count), time: now, detail: detail)
            var payload = LossEntry.payload([entry])
            guard payload.count <= space, space <= FormatConstants.maxPlainBytes else { continue }
            // Readers ignore what follows the last entry.
            payload += [UInt8](repeating: 0, count: space - payload.count)
            try append(kind: FrameKind.loss.rawValue, payload, count: 1)
            return true
        }
        return false
    }

    /// Frames without a meaning, as many bytes in all.
    private mutating func fill(_ bytes: Int) throws(FileError) {
        var room = bytes
        while room >= FormatConstants.frameHeaderBytes {
            var length = min(room, 1 << 20)
            if room - length > 0, room - length < FormatConstants.frameHeaderBytes { length -= 64 }
            let zeros = [UInt8](repeating: 0, count: length - FormatConstants.frameHeaderBytes)
            try append(kind: Self.filler, zeros, count: 0)
            room -= length
        }
        // A stretch too short for a frame lies between two headers only if one of them lies: it stays a gap.
        var rest = [UInt8](repeating: 0, count: room)
        try append(&rest)
    }

    private mutating func append(kind: UInt8, _ payload: [UInt8], count: Int) throws(FileError) {
        let header = FrameHeader(
            kind: kind, flags: [], storedBytes: payload.count, plainBytes: payload.count, firstSequence: next,
            payloadHash: XXHash64.hash(payload, seed: begin?.salt ?? 0), count: count)
        var bytes = Self.bytes(header, payload)
        try append(&bytes)
    }

    private mutating func append(_ bytes: inout [UInt8]) throws(FileError) {
        guard !bytes.isEmpty, !isLooking else { return }
        try target.write(bytes, at: written)
        written += bytes.count
    }
}
