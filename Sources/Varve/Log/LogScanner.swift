import VarveFiles
import VarveFormat

/// Reads a log file from front to back and finds what is whole, whatever was done to the file (Format.md, section 3).
///
/// Frames of points, text, artifacts and records are proved but not kept: their places are; the rest is parsed. Memory is
/// bounded by the largest frame and by definitions and properties.
package struct LogScanner {
    private let name: LogName
    private let zstd: Zstd
    private var window: FileWindow
    private var sections: [LogSection] = []
    /// Findings before the first `begin`.
    private var orphans: [FormatError] = []
    /// A `begin` was met that this version refuses, or of a run whose file this isn't; frames up to the next one are skipped.
    private var refused = false
    private let path: String
    private let kinds: SeriesKinds?
    /// Where the damage begins that reaches up to the frame at hand.
    private var damagedFrom: Int?

    /// The beginning of a file that the index holds.
    package struct Covered: Sendable {
        /// Frames before this offset, in bytes, are in the index, or are damaged.
        package var offset: Int
        /// Points before this sequence are. The headers of the frames don't tell: one whose content was damaged brought nothing, and
        /// its points may still be in the ring.
        package var sequence: UInt64

        package static let nothing = Covered(nil)

        /// - Parameter base: where the file begins within a pack.
        init(_ file: CoveredFile?, base: Int = 0) {
            offset = base + Int(clamping: file?.offset ?? 0)
            sequence = file?.sequence ?? 0
        }
    }

    private init(
        _ file: any OpenFile, name: LogName, end: Int = .max, kinds: SeriesKinds? = nil, zstd: Zstd
    ) throws(VarveError) {
        self.name = name
        self.zstd = zstd
        self.kinds = kinds
        path = file.path
        window = try FileWindow(file, end: end)
    }

    /// Scans a file.
    ///
    /// - Parameters:
    ///   - range: of a pack: where some of its files stand, from the first `begin` of one to the end of another; nil: everything.
    ///   - covered: what is in the index already: of its frames only the headers are read, and the definitions.
    ///   - kinds: numbers what series are, so that no definition has to be made of the same words in each file.
    /// - Throws: `system` if the file can't be read; `damaged` or `unsupported` if it has no `begin` that can be used.
    package static func scan(
        _ file: any OpenFile, name: LogName, range: Range<Int>? = nil, covered: Covered = .nothing,
        kinds: SeriesKinds? = nil, zstd: Zstd
    ) throws(VarveError) -> [LogSection] {
        var scanner = try LogScanner(file, name: name, end: range?.upperBound ?? .max, kinds: kinds, zstd: zstd)
        try scanner.run(covered: covered, from: range?.lowerBound ?? 0)
        guard !scanner.sections.isEmpty else {
            if let first = scanner.orphans.first { throw VarveError(first) }
            // A writer creates its file and then writes `begin`; in between there is nothing to read, and nothing lost.
            return []
        }
        scanner.sections[0].problems.insert(contentsOf: scanner.orphans, at: 0)
        return scanner.sections
    }

    /// Goes on where an earlier scan of a file with one section ended: what was appended since.
    ///
    /// - Returns: the section with only the new frames; what is not of frames is as it was, with what came.
    package static func resume(
        _ section: LogSection, _ file: any OpenFile, zstd: Zstd
    ) throws(VarveError) -> LogSection {
        var scanner = try LogScanner(file, name: section.name, zstd: zstd)
        var open = section
        open.frames = []
        open.isTruncated = false
        scanner.sections = [open]
        try scanner.run(covered: .nothing, from: section.baseOffset + section.endOffset)
        return scanner.sections[0]
    }

    private mutating func run(covered: Covered, from start: Int = 0) throws(VarveError) {
        var offset = start
        while offset < window.size {
            switch try header(at: offset) {
            case .success(let header):
                guard offset + FormatConstants.frameHeaderBytes + header.storedBytes <= window.size else {
                    endTruncated()
                    return
                }
                try take(header, at: offset, covered: offset < covered.offset ? covered : nil)
                offset += header.frameBytes
            case .failure(let error):
                if error.kind == .truncated {
                    endTruncated()
                    return
                }
                if try onlyZeros(from: offset) { return }
                let next = try nextHeader(after: offset)
                report(error.located(in: path, at: offset))
                damagedFrom = damagedFrom ?? offset
                guard let next else { return }
                offset = next
            }
        }
    }

    private mutating func header(at offset: Int) throws(VarveError) -> Result<FrameHeader, FormatError> {
        try window.bytes(at: offset, count: FormatConstants.frameHeaderBytes) { bytes throws(FormatError) in
            try FrameHeader(parsing: bytes)
        }
    }

    /// The next multiple of 8 at which a valid header stands.
    private mutating func nextHeader(after offset: Int) throws(VarveError) -> Int? {
        let alignment = FormatConstants.frameAlignment
        var candidate = offset / alignment * alignment + alignment
        while candidate + FormatConstants.frameHeaderBytes <= window.size {
            let block = 64 << 10
            let hit = try window.bytes(at: candidate, count: block) { bytes -> Int? in
                var at = 0
                while at + 4 <= bytes.byteCount {
                    let word = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
                    if UInt32(littleEndian: word) == FormatConstants.frameMagic { return at }
                    at += alignment
                }
                return nil
            }
            guard case .success(let found?) = hit else {
                guard let data = window.firstData(from: candidate + block) else { return nil }
                candidate = data / alignment * alignment
                continue
            }
            candidate += found
            if case .success = try header(at: candidate) { return candidate }
            candidate += alignment
        }
        return nil
    }

    private mutating func onlyZeros(from offset: Int) throws(VarveError) -> Bool {
        var at = offset
        while let data = window.firstData(from: at) {
            at = data
            let block = 64 << 10
            let clean = try window.bytes(at: at, count: block) { bytes in
                bytes.withUnsafeBytes { $0.allSatisfy { $0 == 0 } }
            }
            guard case .success(true) = clean else { return false }
            at += block
        }
        return true
    }

    private mutating func take(_ header: FrameHeader, at offset: Int, covered: Covered?) throws(VarveError) {
        let kind = FrameKind(rawValue: header.kind)
        if covered != nil, kind != .begin, kind != .define, kind != .end {
            guard !sections.isEmpty, !refused else { return }
            let last = sections.count - 1
            // Of a pack, not of its last file.
            if kind == .contents { return }
            sections[last].endOffset = offset + header.frameBytes - sections[last].baseOffset
            return
        }
        let salt = sections.last?.begin.salt ?? 0
        let zstd = zstd
        let kinds = kinds
        let payload = try window.bytes(
            at: offset + FormatConstants.frameHeaderBytes, count: header.storedBytes
        ) { stored throws(FormatError) -> [UInt8] in
            guard !header.flags.contains(.compressed) else {
                let plain = try header.payload(of: stored, salt: salt, zstd: zstd)
                if kind == .define { try kinds?.parse(plain.span.bytes, count: header.count) }
                return plain
            }
            try header.prove(stored, salt: salt)
            switch kind {
            case .points?, .text?, .artifacts?, .records?, .withdrawals?: return []
            case .define?:
                guard let kinds else { break }
                try kinds.parse(stored, count: header.count)
                return []
            default: break
            }
            return stored.withUnsafeBytes { [UInt8]($0) }
        }
        let base = kind == .begin ? try base(of: header, at: offset) : offset
        do throws(FormatError) {
            try apply(header, payload: payload.get(), at: offset, base: base)
            if kind == .begin, !refused, let covered { sections[sections.count - 1].endSequence = covered.sequence }
            damagedFrom = nil
        } catch {
            damagedFrom = damagedFrom ?? offset
            // Within a payload offsets of plain bytes mean nothing to a person: the frame's own place does.
            report(
                FormatError(
                    error.kind, at: offset, expected: "frame of kind \(header.kind): \(error.expected)",
                    found: error.found, file: path))
        }
        if !sections.isEmpty, !refused, kind != .contents {
            let last = sections.count - 1
            sections[last].endOffset = offset + header.frameBytes - sections[last].baseOffset
        }
    }

    /// Where the first of the two copies of a `begin` stands, or stood before it was damaged: what offsets count from.
    private mutating func base(of header: FrameHeader, at offset: Int) throws(VarveError) -> Int {
        guard let damagedFrom, offset - damagedFrom >= header.frameBytes else { return offset }
        if case .success(let next) = try self.header(at: offset + header.frameBytes), next == header { return offset }
        return offset - header.frameBytes
    }

    private mutating func apply(
        _ header: FrameHeader, payload: [UInt8], at offset: Int, base: Int
    ) throws(FormatError) {
        let bytes = payload.span.bytes
        guard let kind = FrameKind(rawValue: header.kind) else {
            if header.kind < FrameKind.firstSkippable {
                throw FormatError(.unsupported, at: 4, expected: "a kind of frame up to 8", found: "\(header.kind)")
            }
            return
        }
        if kind == .begin {
            let begin: BeginFrame
            do throws(FormatError) { begin = try ours(BeginFrame(parsing: bytes)) } catch {
                refused = true
                throw error
            }
            // Written twice: the second is the first one's spare.
            if let last = sections.last, last.begin.identity == begin.identity { return }
            refused = false
            sections.append(LogSection(name: name, begin: begin, baseOffset: base))
            return
        }
        guard !sections.isEmpty else {
            throw FormatError(.corrupt, at: 0, expected: "a begin frame first", found: "\(kind)")
        }
        if refused { return }
        let last = sections.count - 1
        switch kind {
        case .begin: break
        case .contents: sections[last].contents += try PackedFile.parse(bytes, count: header.count)
        case .define:
            if let kinds { return try define(kinds, in: last) }
            for definition in try SeriesDefinition.parse(bytes, count: header.count) {
                if let known = sections[last].definitions[definition.id], known != definition {
                    throw FormatError(
                        .corrupt, at: 0, expected: "series \(definition.id) to stay \(known.metric)",
                        found: "\(definition.metric)")
                }
                sections[last].definitions[definition.id] = definition
            }
        case .points:
            guard header.firstSequence >= sections[last].endSequence else {
                throw FormatError(
                    .corrupt, at: 16, expected: "points from sequence \(sections[last].endSequence) on",
                    found: "a copy of \(header.firstSequence)")
            }
            advance(header, in: last)
            sections[last].frames.append(
                FrameRef(offset: offset - sections[last].baseOffset, header: header))
        case .text, .artifacts, .records, .withdrawals:
            sections[last].frames.append(FrameRef(offset: offset - sections[last].baseOffset, header: header))
        case .properties:
            let entries = try PropertyEntry.parse(bytes, count: header.count)
            sections[last].properties += entries
            sections[last].propertyOffsets += entries.map { _ in offset - sections[last].baseOffset }
        case .loss:
            let entries = try LossEntry.parse(bytes, count: header.count)
            sections[last].losses += entries
            sections[last].lossOffsets += entries.map { _ in offset - sections[last].baseOffset }
        case .end: sections[last].end = try EndFrame(parsing: bytes)
        }
    }

    /// In a file that is named after a run only what is of that run counts: another's is here by mistake.
    private func ours(_ begin: BeginFrame) throws(FormatError) -> BeginFrame {
        guard let run = name.run, run != begin.run else { return begin }
        throw FormatError(
            .corrupt, at: 0, expected: "run \(run), as the file's name says",
            found: "file \(begin.n) of run \(begin.run)")
    }

    /// Takes the definitions that were parsed last.
    private mutating func define(_ kinds: SeriesKinds, in section: Int) throws(FormatError) {
        for (id, kind) in kinds.parsed {
            let missing = Int(id) + 1 - sections[section].kinds.count
            if missing > 0 { sections[section].kinds.append(contentsOf: repeatElement(0, count: missing)) }
            let known = sections[section].kinds[Int(id)]
            guard known == 0 || known == kind + 1 else {
                throw FormatError(
                    .corrupt, at: 0, expected: "series \(id) to stay \(kinds.kinds[Int(known) - 1].metric)",
                    found: "\(kinds.kinds[Int(kind)].metric)")
            }
            sections[section].kinds[Int(id)] = kind + 1
        }
    }

    private mutating func advance(_ header: FrameHeader, in section: Int) {
        sections[section].endSequence = max(
            sections[section].endSequence, header.firstSequence + UInt64(header.count))
    }

    private mutating func report(_ error: FormatError) {
        if sections.isEmpty { orphans.append(error) } else { sections[sections.count - 1].problems.append(error) }
    }

    private mutating func endTruncated() {
        if !sections.isEmpty { sections[sections.count - 1].isTruncated = true }
    }
}
