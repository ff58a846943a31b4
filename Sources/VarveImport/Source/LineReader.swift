import Varve

/// Takes the lines of a text one by one; a byte order mark before the first is passed over.
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

    /// The offset behind the last line taken, its line end aside.
    package var lineEnd: Int { window.offset + lineBytes }

    /// The last line taken.
    package var span: RawSpan {
        @_lifetime(borrow self) borrowing get { window.span.extracting(0..<lineBytes) }
    }

    package mutating func next() throws(VarveError) -> Line {
        if window.offset == 0, pending == 0, try window.fill(3), Self.isMark(window.span) { window.consume(3) }
        window.consume(pending)
        pending = 0
        lineBytes = 0
        let start = window.offset
        var searched = 0
        while true {
            if let found = Self.newline(in: window.span, from: searched) {
                number += 1
                return take(found, end: found + 1, from: start, isWhole: true)
            }
            searched = window.count
            if searched > Self.maxBytes { return try skipLine(from: start) }
            guard try window.fill(searched + 1) else {
                if searched == 0 { return .end }
                number += 1
                return take(searched, end: searched, from: start, isWhole: false)
            }
        }
    }

    private mutating func take(_ count: Int, end: Int, from start: Int, isWhole: Bool) -> Line {
        pending = end
        lineBytes = count
        if count > 0, isWhole, window.span.unsafeLoad(fromUncheckedByteOffset: count - 1, as: UInt8.self) == 0x0D {
            lineBytes -= 1
        }
        return .line(offset: start, isWhole: isWhole)
    }

    private mutating func skipLine(from start: Int) throws(VarveError) -> Line {
        number += 1
        while true {
            if let found = Self.newline(in: window.span, from: 0) {
                window.consume(found + 1)
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

    private static func newline(in span: RawSpan, from start: Int) -> Int? {
        span.withUnsafeBytes { bytes in
            var at = start
            while at < bytes.count {
                if bytes[at] == 0x0A { return at }
                at += 1
            }
            return nil
        }
    }
}
