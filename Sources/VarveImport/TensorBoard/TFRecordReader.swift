import Varve

/// Takes the records of a TFRecord file one by one, and tells what is damaged from what isn't there yet.
///
///     length u64 | masked CRC-32C of the length u32 | data | masked CRC-32C of the data u32
///
/// There is no magic word, but a length with its checksum is 12 bytes of which 4 are determined: after damage the next
/// place at which both checksums hold is taken for a record.
package struct TFRecordReader {
    /// Larger records are passed over: no scalar needs one, and memory stays bounded.
    package static let maxRecordBytes = 64 << 20
    /// So many places that look like a record and aren't are tried after damage before the rest is given up.
    private static let maxTrials = 64

    package enum Item: Hashable, Sendable {
        /// A whole record; ``TFRecordReader/data`` holds what is in it.
        case record(offset: Int)
        /// Bytes that are no record, up to where the next one begins, or the end.
        case damaged(range: Range<Int>, what: String)
        /// The file ends inside the record at this offset, as one does that is being written, or whose disk was full.
        case cutOff(offset: Int)
        case end
    }

    private var window: SourceWindow
    private let size: Int
    private var pending = 0
    private var dataBytes = 0

    /// Begins at `offset`, which is the end of a record.
    package init(_ source: any ByteSource, at offset: Int = 0) throws(VarveError) {
        window = SourceWindow(source, at: offset)
        size = try source.size()
    }

    /// The offset behind the last item.
    package var offset: Int { window.offset + pending }

    /// The data of the last record taken.
    package var data: RawSpan {
        @_lifetime(borrow self) borrowing get { window.span.extracting(12..<12 + dataBytes) }
    }

    package mutating func next() throws(VarveError) -> Item {
        window.consume(pending)
        pending = 0
        dataBytes = 0
        let start = window.offset
        guard try window.fill(12) else { return window.count == 0 ? .end : .cutOff(offset: start) }
        guard let length = Self.length(window.span, at: 0) else {
            return try resynchronise(from: start, "a length that fails its checksum")
        }
        let left = size - start - 12
        guard length <= UInt64(max(0, left)), Int(length) + 4 <= left else {
            // A good checksum over a length beyond any file is damage; anything less may still be on its way.
            guard length < 1 << 40 else { return try resynchronise(from: start, "a record of \(length) bytes") }
            return .cutOff(offset: start)
        }
        let bytes = Int(length)
        guard bytes <= Self.maxRecordBytes else {
            return try pass(16 + bytes, "a record of \(bytes) bytes, above the limit of \(Self.maxRecordBytes)")
        }
        guard try window.fill(16 + bytes) else { return .cutOff(offset: start) }
        guard Self.dataIsWhole(window.span, at: 0, bytes) else {
            return try pass(16 + bytes, "a record of \(bytes) bytes that fails its checksum")
        }
        pending = 16 + bytes
        dataBytes = bytes
        return .record(offset: start)
    }

    /// The length at `offset` of `span` if its checksum holds.
    private static func length(_ span: RawSpan, at offset: Int) -> UInt64? {
        let sum = span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset + 8, as: UInt32.self)
        guard UInt32(littleEndian: sum) == CRC32C.masked(span.extracting(offset..<offset + 8)) else { return nil }
        return UInt64(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    private static func dataIsWhole(_ span: RawSpan, at offset: Int, _ bytes: Int) -> Bool {
        let sum = span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset + 12 + bytes, as: UInt32.self)
        return UInt32(littleEndian: sum) == CRC32C.masked(span.extracting(offset + 12..<offset + 12 + bytes))
    }

    private mutating func pass(_ bytes: Int, _ what: String) throws(VarveError) -> Item {
        let range = window.offset..<window.offset + bytes
        while window.offset < range.upperBound {
            guard try window.fill(1) else { break }
            window.consume(min(window.count, range.upperBound - window.offset))
        }
        return .damaged(range: range, what: what)
    }

    private mutating func resynchronise(from start: Int, _ what: String) throws(VarveError) -> Item {
        var trials = 0
        window.consume(1)
        while try window.fill(16) {
            let candidates = window.count - 15
            var at = 0
            while at < candidates {
                if let length = Self.length(window.span, at: at), length <= UInt64(Self.maxRecordBytes) {
                    window.consume(at)
                    at = 0
                    if try window.fill(16 + Int(length)), Self.dataIsWhole(window.span, at: 0, Int(length)) {
                        return .damaged(range: start..<window.offset, what: what)
                    }
                    trials += 1
                    guard trials < Self.maxTrials else { return try giveUp(from: start, what) }
                    window.consume(1)
                    break
                }
                at += 1
            }
            window.consume(at)
        }
        return try giveUp(from: start, what)
    }

    private mutating func giveUp(from start: Int, _ what: String) throws(VarveError) -> Item {
        while true {
            window.consume(window.count)
            guard try window.fill(1) else { return .damaged(range: start..<window.offset, what: what) }
        }
    }
}
