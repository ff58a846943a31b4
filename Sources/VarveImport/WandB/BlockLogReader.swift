import SwiftProtobuf
import Varve

/// Takes the records of a log one by one that is written in blocks, as W&B and SwanLab write theirs, and tells what is
/// damaged from what isn't there yet.
///
/// The framing is LevelDB's (its `doc/log_format.md`) with a header before the first block's chunks and another checksum:
///
///     file:   ident 4 | magic u16 | version u8 | chunks, each within a block of 32,768 bytes of the file
///     chunk:  CRC-32 (zlib's) of kind and data, u32 | bytes of data u16 | kind u8 | data
///     kinds:  1 a whole record, 2 its first part, 3 a middle part, 4 its last part
///
/// A block's last bytes that hold no chunk header are left over. After damage the next place of the block at which a chunk's
/// checksum holds is taken for a chunk, else the next block is tried.
package struct BlockLogReader {
    package static let blockBytes = 32_768
    package static let headerBytes = 7
    /// Larger records are passed over: no row of metrics needs one, and memory stays bounded.
    package static let maxRecordBytes = 64 << 20
    /// So many bytes are summed in the search for a chunk before the rest of its block is given up.
    private static let maxSearched = 2 << 20

    /// What stands before the first chunk.
    package struct Header: Hashable, Sendable {
        package var ident: String
        package var magic: UInt16
        package var version: UInt8

        package init(ident: String, magic: UInt16, version: UInt8) {
            self.ident = ident
            self.magic = magic
            self.version = version
        }

        fileprivate init(_ span: RawSpan) {
            ident = span.extracting(0..<4).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            magic = UInt16(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: 4, as: UInt16.self))
            version = span.unsafeLoad(fromUncheckedByteOffset: 6, as: UInt8.self)
        }
    }

    package enum Item: Hashable, Sendable {
        /// A whole record that begins at this offset; ``BlockLogReader/data`` holds it.
        case record(offset: Int)
        /// Bytes that are no record, up to where the next one begins, or the end.
        case damaged(range: Range<Int>, what: String)
        /// The file ends inside the record at this offset, as one does that is being written, or whose disk was full.
        case cutOff(offset: Int)
        case end
    }

    private enum Kind: UInt8 {
        case whole = 1
        case first
        case middle
        case last
    }

    private enum Chunk {
        case good(Kind, bytes: Int)
        case bad(String)
        case leftOver(bytes: Int)
        case cutOff
        case end
    }

    private var window: SourceWindow
    /// The header; nil if the file is too short for one, or isn't read from its beginning.
    package let header: Header?
    /// The last record taken.
    package private(set) var data: [UInt8] = []

    /// Begins at `offset`, which is 0 or the end of a record.
    package init(_ source: any ByteSource, at offset: Int = 0) throws(VarveError) {
        var window = SourceWindow(source, at: offset)
        guard offset == 0 else {
            header = nil
            self.window = window
            return
        }
        let isThere = try window.fill(Self.headerBytes)
        header = isThere ? Header(window.span) : nil
        window.consume(min(window.count, Self.headerBytes))
        self.window = window
    }

    /// The offset behind the last item.
    package var offset: Int { window.offset }

    package mutating func next() throws(VarveError) -> Item {
        data.removeAll(keepingCapacity: true)
        var start: Int?
        var damage: (start: Int, what: String)?
        var isTooLarge = false
        while true {
            let here = window.offset
            let chunk = try chunk()
            if case .bad(let what) = chunk {
                damage = damage ?? (start ?? here, what)
                start = nil
                try search()
                continue
            }
            switch chunk {
            case .bad: break
            case .leftOver(let bytes): window.consume(bytes)
            case .end, .cutOff:
                if let damage {
                    window.consume(window.count)
                    return .damaged(range: damage.start..<window.offset, what: damage.what)
                }
                if case .end = chunk, start == nil { return .end }
                return .cutOff(offset: start ?? here)
            case .good(let kind, let bytes) where kind == .whole || kind == .first:
                if let damage { return .damaged(range: damage.start..<here, what: damage.what) }
                if let start { return .damaged(range: start..<here, what: "a record without its end") }
                take(bytes)
                if kind == .whole { return .record(offset: here) }
                start = here
            case .good(let kind, let bytes):
                guard let start, damage == nil else {
                    damage = damage ?? (here, "a part of a record without its beginning")
                    window.consume(Self.headerBytes + bytes)
                    continue
                }
                isTooLarge = isTooLarge || data.count + bytes > Self.maxRecordBytes
                if isTooLarge { data.removeAll() }
                take(isTooLarge ? 0 : bytes, of: bytes)
                guard kind == .last else { continue }
                if isTooLarge {
                    let what = "a record above the limit of \(Self.maxRecordBytes) bytes"
                    return .damaged(range: start..<window.offset, what: what)
                }
                return .record(offset: start)
            }
        }
    }

    /// Adds the first bytes of the chunk in view to the record, and moves on to what follows it.
    private mutating func take(_ count: Int, of all: Int? = nil) {
        var record: [UInt8] = []
        swap(&record, &data)
        window.span.extracting(Self.headerBytes..<Self.headerBytes + count).withUnsafeBytes {
            record.append(raw: $0)
        }
        swap(&record, &data)
        window.consume(Self.headerBytes + (all ?? count))
    }

    /// Brings the chunk at the window's beginning into view.
    private mutating func chunk() throws(VarveError) -> Chunk {
        let left = Self.blockBytes - window.offset % Self.blockBytes
        guard left >= Self.headerBytes else {
            return try window.fill(left) ? .leftOver(bytes: left) : (window.count == 0 ? .end : .cutOff)
        }
        guard try window.fill(Self.headerBytes) else { return window.count == 0 ? .end : .cutOff }
        let (kind, bytes) = Self.header(window.span, at: 0)
        guard let kind, Self.headerBytes + bytes <= left else {
            return .bad(kind == nil && bytes == 0 ? "no chunk of a record" : "a chunk that can't be")
        }
        guard try window.fill(Self.headerBytes + bytes) else {
            // A file that ends inside a chunk may be growing; if other chunks follow, the length was wrong.
            return Self.firstChunk(window.span, from: 1) == nil ? .cutOff : .bad("a chunk that can't be")
        }
        guard Self.isWhole(window.span, at: 0) else { return .bad("a chunk of \(bytes) bytes that fails its checksum") }
        return .good(kind, bytes: bytes)
    }

    private static func header(_ span: RawSpan, at offset: Int) -> (kind: Kind?, bytes: Int) {
        let bytes = span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset + 4, as: UInt16.self)
        let kind = span.unsafeLoad(fromUncheckedByteOffset: offset + 6, as: UInt8.self)
        return (Kind(rawValue: kind), Int(UInt16(littleEndian: bytes)))
    }

    /// Whether a chunk stands at `offset` that ends within `span` and whose checksum holds.
    private static func isWhole(_ span: RawSpan, at offset: Int) -> Bool {
        let (kind, bytes) = header(span, at: offset)
        let start = offset + headerBytes
        guard let kind, start + bytes <= span.byteCount else { return false }
        let sum = UInt32(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
        return sum == CRC32.checksum(of: kind.rawValue, and: span.extracting(start..<start + bytes))
    }

    /// The first place from `offset` on at which a chunk stands.
    private static func firstChunk(_ span: RawSpan, from offset: Int) -> Int? {
        var at = offset
        var searched = 0
        while at + headerBytes <= span.byteCount, searched < maxSearched {
            let (kind, bytes) = header(span, at: at)
            if kind != nil, at + headerBytes + bytes <= span.byteCount {
                if isWhole(span, at: at) { return at }
                searched += bytes + headerBytes
            }
            at += 1
        }
        return nil
    }

    /// Moves on to the next chunk of this block, or to the next block.
    private mutating func search() throws(VarveError) {
        let left = Self.blockBytes - window.offset % Self.blockBytes
        let view = try window.fill(left) ? left : window.count
        let distance = Self.distanceToNextChunk(window.span.extracting(0..<view))
        window.consume(distance)
    }

    /// How far from the beginning of what is left of a block its next chunk stands; all of it, if there is none.
    private static func distanceToNextChunk(_ block: RawSpan) -> Int {
        // The damage may be in the data alone: then the next chunk stands where the header says.
        let next = headerBytes + header(block, at: 0).bytes
        if next + headerBytes <= block.byteCount, isWhole(block, at: next) { return next }
        return firstChunk(block, from: 1) ?? block.byteCount
    }
}

extension BlockLogReader {
    /// Reads all records that are left, and tells `sink` where each stands and what is wrong with the file.
    ///
    /// - Parameters:
    ///   - file: what the file is called in messages.
    ///   - progress: told the offset after each record.
    ///   - take: gets a record, its offset, and the offset behind it, from where a later reading may go on.
    mutating func forEachRecord(
        of file: String, telling sink: any RunSink, progress: (Int) -> Void,
        _ take: (_ data: [UInt8], _ offset: Int, _ end: Int) throws(VarveError) -> Void
    ) throws(VarveError) {
        func problem(_ message: String, at offset: Int) {
            sink.problem(ImportProblem(file: file, offset: offset, message: message))
        }
        while true {
            switch try next() {
            case .end: return
            case .record(let start):
                try sink.record(from: start, to: offset)
                try take(data, start, offset)
            case .damaged(let range, let what):
                problem("\(what), skipped \(range.count) bytes", at: range.lowerBound)
            case .cutOff(let start):
                return problem("the file ends inside a record, which is left for the next import,", at: start)
            }
            progress(offset)
        }
    }

    /// A record's message, with what this version doesn't know left out; nil: it is damaged.
    static func message<Message: SwiftProtobuf.Message>(_ data: [UInt8]) -> Message? {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        return try? Message(serializedBytes: data, options: options)
    }
}
