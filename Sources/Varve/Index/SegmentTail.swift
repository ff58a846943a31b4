import VarveFiles
import VarveFormat

/// The header of a segment, and its end from the first section on, read once and proved.
struct SegmentTail {
    let header: SegmentHeader
    let trailer: SegmentTrailer
    let size: Int
    private let start: Int
    private let bytes: [UInt8]

    /// Reads both. With an entry of a manifest the file must be the one that it describes.
    init(_ file: any OpenFile, entry: ManifestEntry?) throws(VarveError) {
        let path = file.path
        let size = try filesystem { () throws(FileError) in try file.size() }
        func check(_ isGood: Bool, _ expected: String, _ found: String, at offset: Int) throws(VarveError) {
            guard isGood else {
                throw VarveError(FormatError(.corrupt, at: offset, expected: expected, found: found, file: path))
            }
        }
        if let entry { try check(size == entry.size, "\(entry.size) bytes", "\(size)", at: size) }
        let least = FormatConstants.segmentHeaderBytes + FormatConstants.trailerBytes
        guard size >= least else {
            throw VarveError(
                FormatError(.truncated, at: size, expected: "at least \(least) bytes", found: "\(size)", file: path))
        }
        let head = try filesystem { () throws(FileError) in
            try file.read(upTo: FormatConstants.segmentHeaderBytes, at: 0)
        }
        header = try formatted(path, at: 0) { () throws(FormatError) in
            try SegmentHeader(parsing: head.span.bytes)
        }
        let end = size - FormatConstants.trailerBytes
        var tail: [UInt8]
        if let entry {
            try check(header.id == entry.id, "segment \(entry.id)", "\(header.id)", at: 16)
            tail = try filesystem { () throws(FileError) in
                try file.read(upTo: size - entry.sectionsOffset, at: entry.sectionsOffset)
            }
            let hash = XXHash64.hash(tail)
            try check(
                hash == entry.sectionsHash, "sections with checksum \(entry.sectionsHash)", "\(hash)",
                at: entry.sectionsOffset)
        } else {
            tail = try filesystem { () throws(FileError) in
                try file.read(upTo: FormatConstants.trailerBytes, at: end)
            }
        }
        try check(
            tail.count >= FormatConstants.trailerBytes, "\(FormatConstants.trailerBytes) bytes of a trailer",
            "\(tail.count)", at: end)
        trailer = try formatted(path, at: end) { [tail] () throws(FormatError) in
            let last = tail.span.bytes.extracting(last: FormatConstants.trailerBytes)
            return try SegmentTrailer(parsing: last, fileSize: size)
        }
        start = trailer.sectionsOffset
        if let entry {
            try check(start == entry.sectionsOffset, "sections from \(entry.sectionsOffset) on", "\(start)", at: end)
        } else {
            let from = start
            tail = try filesystem { () throws(FileError) in try file.read(upTo: size - from, at: from) }
        }
        try check(tail.count == size - start, "\(size - start) bytes of sections", "\(tail.count)", at: start)
        bytes = tail
        self.size = size
    }

    /// Proves and parses one section.
    func parse<R>(
        _ section: SegmentTrailer.Section, in path: String, _ body: (RawSpan) throws(FormatError) -> R
    ) throws(VarveError) -> R {
        do throws(FormatError) {
            let span = bytes.span.bytes.extracting((section.offset - start)..<(section.offset - start + section.bytes))
            return try body(CheckedBytes.content(of: span, at: section.offset))
        } catch {
            throw VarveError(error.located(in: path, at: section.offset))
        }
    }
}

/// Turns what the file system throws into the engine's error.
func filesystem<R>(_ body: () throws(FileError) -> R) throws(VarveError) -> R {
    do throws(FileError) { return try body() } catch { throw VarveError(error) }
}

/// Turns what a parser throws into the engine's error, with the file and the place in it.
func formatted<R>(
    _ path: String, at offset: Int, _ body: () throws(FormatError) -> R
) throws(VarveError) -> R {
    do throws(FormatError) { return try body() } catch { throw VarveError(error.located(in: path, at: offset)) }
}
