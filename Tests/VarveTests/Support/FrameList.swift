import VarveFiles
import VarveFormat

@testable import Varve

/// The frames of a log file that is whole, taken apart so that single ones can be changed and put together again.
struct FrameList {
    struct Frame {
        var header: FrameHeader
        /// Where it stands, with its padding.
        var range: Range<Int>
        /// Where its stored payload stands.
        var payload: Range<Int> {
            let start = range.lowerBound + FormatConstants.frameHeaderBytes
            return start..<(start + header.storedBytes)
        }
    }

    let bytes: [UInt8]
    private(set) var frames: [Frame] = []

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        var offset = 0
        while offset < bytes.count {
            let header = try FrameHeader(
                parsing: bytes.span.bytes.extracting(offset..<(offset + FormatConstants.frameHeaderBytes)))
            let end = min(bytes.count, offset + header.frameBytes)
            frames.append(Frame(header: header, range: offset..<end))
            offset = end
        }
    }

    /// The frame at an offset.
    func index(at offset: Int) -> Int? { frames.firstIndex { $0.range.contains(offset) } }
}

extension SimulatedFileSystem {
    /// Copies a folder of the real file system.
    func load(_ folder: String, to path: String) throws {
        let real = RealFileSystem()
        try makeDirectory(path)
        for name in try real.list(folder).sorted() {
            let (from, to) = (Paths.join(folder, name), Paths.join(path, name))
            if try real.status(from)?.kind == .directory {
                try load(from, to: to)
                continue
            }
            let file = try open(to, .createNew)
            try file.write(try real.readAll(from, cap: 1 << 26), at: 0)
            file.close()
        }
    }
}

/// Which transforms, bodies and orders of differences occur in columns of points.
struct ColumnShapes {
    var transforms: Set<UInt8> = []
    var bodies: Set<UInt8> = []
    var orders: Set<UInt8> = []

    /// Takes the columns of the plain payload of a points frame, as Format.md, section 3.3, lays them out.
    mutating func take(_ payload: [UInt8], hasOrder: Bool) throws {
        var reader = ByteReader(payload.span.bytes)
        let axes = try reader.varint()
        for _ in 0..<axes {
            _ = try reader.varint()
            for _ in 0..<2 { try column(&reader) }
        }
        _ = try reader.varint()
        for _ in 0..<5 { try column(&reader) }
        let groups = try reader.varint()
        for _ in 0..<groups {
            _ = try reader.varint()
            try column(&reader)
        }
        while !reader.isAtEnd { try column(&reader) }
    }

    private mutating func column(_ reader: inout ByteReader) throws {
        let length = Int(try reader.varint())
        guard length > 0 else { return }
        let bytes = try reader.take(length, "a column")
        let first = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt8.self)
        transforms.insert(first & 15)
        orders.insert(first >> 4)
        bodies.insert(bytes.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt8.self))
    }
}
