import Varve

/// Takes the lines of a text one by one; a byte order mark before the first is passed over.
///
/// A line ends in LF, in CRLF, in CRCRLF (what Python writes on Windows for a CRLF of its own), or in CR alone: old Macs end lines
/// so, and progress bars, which write over what stood there.
package struct LineReader {
    private var window: SourceWindow
    /// The number of the last line taken; the first is 1.
    package private(set) var number = 0
    private var pending = 0

    /// A line may have this many bytes, so that a file without line ends doesn't fill the memory.
    package static let maxBytes = 16 << 20

    package enum Line: Hashable, Sendable {
        /// A line at `offset`, with no line end; `isWhole` if one was there. ``LineReader/span`` holds it.
        case line(offset: Int, isWhole: Bool)
        /// A line of more than ``LineReader/maxBytes`` was passed over.
        case tooLong(offset: Int, bytes: Int)
        case end
    }

    /// Begins at `offset`, behind so many lines.
    package init(_ source: any ByteSource, at offset: Int = 0, lines: Int = 0) {
        window = SourceWindow(source, at: offset)
        number = lines
    }

    /// The offset behind the last line taken and its line end.
    package var offset: Int { window.offset + pending }

    private var lineBytes = 0

    /// The last line taken ended in CR alone.
    package private(set) var endsInReturn = false

    /// The offset behind the last line taken, its line end aside.
    package var lineEnd: Int { window.offset + lineBytes }

    /// The last line taken.
    package var span: RawSpan {
        @_lifetime(borrow self) borrowing get { window.span.extracting(0..<lineBytes) }
    }

    package mutating func next() throws(VarveError) -> Line {
        if window.offset == 0, pending == 0, try window.fill(3), Self.isMark(window.span) { window.consume(3) }
        window.consume(pending)
        (pending, lineBytes, endsInReturn) = (0, 0, false)
        let start = window.offset
        var searched = 0
        while true {
            if let found = Self.lineEnd(in: window.span, from: searched) {
                number += 1
                pending = found + (try endBytes(at: found))
                lineBytes = found
                return .line(offset: start, isWhole: true)
            }
            searched = window.count
            if searched > Self.maxBytes { return try skipLine(from: start) }
            guard try window.fill(searched + 1) else {
                if searched == 0 { return .end }
                number += 1
                (pending, lineBytes) = (searched, searched)
                return .line(offset: start, isWhole: false)
            }
        }
    }

    /// How long the line end is that begins there.
    private mutating func endBytes(at place: Int) throws(VarveError) -> Int {
        if byte(place) == 0x0A { return 1 }
        for length in 2...3 {
            guard try window.fill(place + length) else { break }
            if byte(place + length - 1) == 0x0A { return length }
            if byte(place + length - 1) != 0x0D { break }
        }
        endsInReturn = true
        return 1
    }

    private func byte(_ place: Int) -> UInt8 { window.span.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self) }

    private mutating func skipLine(from start: Int) throws(VarveError) -> Line {
        number += 1
        while true {
            if let found = Self.lineEnd(in: window.span, from: 0) {
                window.consume(found + (try endBytes(at: found)))
                return .tooLong(offset: start, bytes: window.offset - start)
            }
            window.consume(window.count)
            guard try window.fill(1) else { return .tooLong(offset: start, bytes: window.offset - start) }
        }
    }

    /// The byte order mark that some editors put before UTF-8.
    static func isMark(_ span: RawSpan) -> Bool {
        span.withUnsafeBytes { $0[0] == 0xEF && $0[1] == 0xBB && $0[2] == 0xBF }
    }

    /// Where the next LF or CR stands.
    private static func lineEnd(in span: RawSpan, from start: Int) -> Int? {
        span.withUnsafeBytes { bytes in
            var at = start
            while at < bytes.count {
                if bytes[at] == 0x0A || bytes[at] == 0x0D { return at }
                at += 1
            }
            return nil
        }
    }
}
