import Varve

/// Takes the rows of a CSV file one by one (RFC 4180): quoted cells may hold separators, line ends and doubled quotes; lines
/// end as those of ``LineReader``; a byte order mark is passed over, and so are blank lines.
///
/// Lenient where it is harmless: a quote inside an unquoted cell, and text after a closing quote, stand for themselves.
package struct CSVReader {
    /// A row may have this many bytes; a quote that is never closed costs its line, and not the rest of the file.
    package static let maxRowBytes = 1 << 20
    /// As a separator it stands for any number of spaces and tabulators, also around a row.
    package static let blank = UInt8(ascii: " ")

    package enum Item: Hashable, Sendable {
        /// A row, whose cells ``CSVReader/cell(_:)`` holds; `isWhole` if a line end closed it.
        case row(offset: Int, line: Int, isWhole: Bool)
        /// A line that is no row was passed over.
        case damaged(offset: Int, line: Int, what: String)
        case end
    }

    private var window: SourceWindow
    private let separator: UInt8
    private var pending = 0
    private var line = 1
    private var linesPending = 0
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Begins at `offset`, in this line; the first is 1.
    package init(_ source: any ByteSource, separator: UInt8 = UInt8(ascii: ","), at offset: Int = 0, line: Int = 1) {
        window = SourceWindow(source, at: offset)
        self.separator = separator
        self.line = line
    }

    /// The line that comes next.
    package var nextLine: Int { line + linesPending }

    /// The offset behind the last item.
    package var offset: Int { window.offset + pending }

    /// The offset behind the last row, its line end aside.
    package private(set) var rowEnd = 0

    /// The number of cells of the last row.
    package var count: Int { ends.count }

    /// A cell of the last row, its quotes removed.
    @_lifetime(borrow self)
    package borrowing func cell(_ index: Int) -> RawSpan {
        bytes.span.bytes.extracting((index == 0 ? 0 : ends[index - 1])..<ends[index])
    }

    /// A cell as text; bytes that aren't UTF-8 become U+FFFD.
    package func text(_ index: Int) -> String {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]].withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    package mutating func next() throws(VarveError) -> Item {
        if window.offset == 0, pending == 0, try window.fill(3), LineReader.isMark(window.span) { window.consume(3) }
        while true {
            window.consume(pending)
            line += linesPending
            (pending, linesPending) = (0, 0)
            var scan = RowScan(separator: separator)
            while true {
                if window.span.withUnsafeBytes({ scan.advance($0) }) {
                    (pending, linesPending) = (scan.at, scan.lines)
                    if scan.isBlank { break }
                    let row = Item.row(offset: window.offset, line: line, isWhole: true)
                    split(scan.contentBytes)
                    return row
                }
                let found = window.count
                guard found < Self.maxRowBytes else { return try skipLine("a row of more than a mebibyte") }
                guard try window.fill(found + 1) else {
                    if found == 0 { return .end }
                    if scan.isQuoted { return try skipLine("a quote that is never closed") }
                    let isWhole = scan.at < found
                    (pending, linesPending) = (found, scan.lines + (isWhole ? 1 : 0))
                    if scan.isBlank { break }
                    let row = Item.row(offset: window.offset, line: line, isWhole: isWhole)
                    split(scan.at)
                    return row
                }
            }
        }
    }

    /// Passes over the first line of what could not be a row.
    private mutating func skipLine(_ what: String) throws(VarveError) -> Item {
        let item = Item.damaged(offset: window.offset, line: line, what: what)
        line += 1
        while true {
            if let found = window.span.withUnsafeBytes({ $0.firstIndex { $0 == 0x0A || $0 == 0x0D } }) {
                let isReturn = window.span.unsafeLoad(fromUncheckedByteOffset: found, as: UInt8.self) == 0x0D
                window.consume(found + 1)
                if isReturn, try window.fill(1),
                    window.span.unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self) == 0x0A
                {
                    window.consume(1)
                }
                return item
            }
            window.consume(window.count)
            guard try window.fill(1) else { return item }
        }
    }

    /// Cuts the first `count` bytes in view into cells.
    private mutating func split(_ count: Int) {
        rowEnd = window.offset + count
        var bytes: [UInt8] = []
        swap(&bytes, &self.bytes)
        var ends: [Int] = []
        swap(&ends, &self.ends)
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        let quote = UInt8(ascii: "\"")
        let separator = separator
        let isBlank = { (byte: UInt8) in separator == Self.blank && (byte == Self.blank || byte == 0x09) }
        window.span.withUnsafeBytes { row in
            var isQuoted = false
            var isFresh = true
            var at = 0
            while at < count {
                let byte = row[at]
                at += 1
                if isQuoted {
                    if byte != quote {
                        bytes.append(byte)
                    } else if at < count, row[at] == quote {
                        bytes.append(quote)
                        at += 1
                    } else {
                        isQuoted = false
                    }
                } else if isBlank(byte) {
                    if !isFresh { ends.append(bytes.count) }
                    isFresh = true
                    continue
                } else if byte == separator {
                    ends.append(bytes.count)
                    isFresh = true
                    continue
                } else if byte == quote, isFresh {
                    isQuoted = true
                } else {
                    bytes.append(byte)
                }
                isFresh = false
            }
            if !isFresh || separator != Self.blank || ends.isEmpty { ends.append(bytes.count) }
        }
        self.bytes = bytes
        self.ends = ends
    }
}

/// Looks for the end of a row, also when it comes into view bit by bit.
private struct RowScan {
    let separator: UInt8
    /// Bytes looked at so far; after success the row and its line end. What may be more of a line end than is in view isn't
    /// among them.
    var at = 0
    /// Line ends among them.
    var lines = 0
    /// The bytes before the line end.
    var contentBytes = 0
    var isQuoted = false
    /// There was nothing but the line end.
    var isBlank = true
    private var isFresh = true

    init(separator: UInt8) { self.separator = separator }

    /// Looks at the bytes from ``at`` on; true at the end of a row. A doubled quote closes and opens again, which comes to
    /// the same for finding the end.
    mutating func advance(_ bytes: UnsafeRawBufferPointer) -> Bool {
        while at < bytes.count {
            let byte = bytes[at]
            if !isQuoted, byte == 0x0A || byte == 0x0D {
                guard let length = Self.endBytes(bytes, at) else { return false }
                contentBytes = at
                at += length
                lines += 1
                return true
            }
            at += 1
            if byte == 0x0A { lines += 1 }
            if byte == UInt8(ascii: "\"") {
                let opens = !isQuoted && (isFresh || lastClosed)
                lastClosed = isQuoted
                isQuoted = opens
            } else {
                lastClosed = false
            }
            isFresh = byte == separator && !isQuoted
            isBlank = false
        }
        return false
    }

    /// How long the line end is that begins there; nil: that can't be seen yet.
    private static func endBytes(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        if bytes[start] == 0x0A { return 1 }
        guard start + 1 < bytes.count else { return nil }
        if bytes[start + 1] == 0x0A { return 2 }
        guard bytes[start + 1] == 0x0D else { return 1 }
        guard start + 2 < bytes.count else { return nil }
        return bytes[start + 2] == 0x0A ? 3 : 1
    }

    /// The byte before closed a quoted cell: a quote right behind it is a doubled one.
    private var lastClosed = false
}
