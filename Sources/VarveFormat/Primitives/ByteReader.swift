/// Takes numbers, strings and bytes in the encodings of Format.md, section 1, from the front of a span.
///
/// Every method checks that enough bytes are left and throws ``FormatError`` otherwise; no input traps.
package struct ByteReader: ~Escapable {
    private let span: RawSpan
    /// The next byte to be taken, counted from the beginning of the span.
    package private(set) var offset = 0

    @_lifetime(copy span)
    package init(_ span: RawSpan) { self.span = span }

    /// The number of bytes left.
    package var remaining: Int { span.byteCount - offset }
    package var isAtEnd: Bool { remaining == 0 }

    @_lifetime(self: copy self)
    package mutating func u8(_ what: StaticString = "a byte") throws(FormatError) -> UInt8 {
        try need(1, what)
        defer { offset += 1 }
        return span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Takes an integer of fixed width, little-endian.
    @_lifetime(self: copy self)
    package mutating func fixed<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, _ what: StaticString = "an integer"
    ) throws(FormatError) -> T {
        try need(MemoryLayout<T>.size, what)
        defer { offset += MemoryLayout<T>.size }
        return T(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    @_lifetime(self: copy self)
    package mutating func double(_ what: StaticString = "a double") throws(FormatError) -> Double {
        Double(bitPattern: try fixed(UInt64.self, what))
    }

    @_lifetime(self: copy self)
    package mutating func varint(_ what: StaticString = "a varint") throws(FormatError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try u8(what)
            if shift == 63 && byte > 1 {
                throw FormatError(.corrupt, at: start, expected: "\(what) of at most 64 bits", found: "more")
            }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// Takes a varint that counts something of which there may be at most `cap`.
    @_lifetime(self: copy self)
    package mutating func count(_ what: StaticString, cap: Int) throws(FormatError) -> Int {
        let start = offset
        let value = try varint(what)
        guard value <= UInt64(cap) else {
            throw FormatError(.capExceeded, at: start, expected: "\(what) of at most \(cap)", found: "\(value)")
        }
        return Int(value)
    }

    @_lifetime(self: copy self)
    package mutating func zigzag(_ what: StaticString = "a signed varint") throws(FormatError) -> Int64 {
        let value = try varint(what)
        return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }

    @_lifetime(self: copy self)
    package mutating func string(_ what: StaticString, cap: Int) throws(FormatError) -> String {
        let length = try count(what, cap: cap)
        let start = offset
        let bytes = try take(length, what)
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: Span(_bytes: bytes)))
        } catch {
            throw FormatError(.corrupt, at: start, expected: "\(what) in UTF-8", found: "other bytes")
        }
    }

    /// Takes the next `count` bytes as a span.
    @_lifetime(copy self)
    package mutating func take(_ count: Int, _ what: StaticString) throws(FormatError) -> RawSpan {
        try need(count, what)
        defer { offset += count }
        return span.extracting(offset..<(offset + count))
    }

    @_lifetime(self: copy self)
    package mutating func skip(_ count: Int, _ what: StaticString = "reserved bytes") throws(FormatError) {
        try need(count, what)
        offset += count
    }

    /// Demands that nothing is left.
    package func finish(_ what: StaticString) throws(FormatError) {
        guard isAtEnd else {
            throw FormatError(.corrupt, at: offset, expected: "the end of \(what)", found: "\(remaining) more bytes")
        }
    }

    @inline(__always)
    private func need(_ count: Int, _ what: StaticString) throws(FormatError) {
        guard count >= 0, count <= remaining else {
            throw FormatError(.truncated, at: offset, expected: "\(count) bytes for \(what)", found: "\(remaining)")
        }
    }
}
