/// Tables for a CRC of 32 bits whose bits are reversed, eight bytes a step.
///
/// Algorithm: M. Kounavis and F. Berry, "A Systematic Approach to Building High Performance, Software-Based, CRC
/// Generators" (2005): eight tables, one for each byte of a word.
struct CRCTables: Sendable {
    /// Table `k` at `256 k`: the sum of a byte followed by `k` zero bytes.
    private let tables: [UInt32]

    init(reversedPolynomial polynomial: UInt32) {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
            tables[byte] = sum
        }
        for at in 256..<tables.count {
            let before = tables[at - 256]
            tables[at] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        self.tables = tables
    }

    /// Goes on from `sum` with one byte; neither complemented.
    func sum(of byte: UInt8, after sum: UInt32) -> UInt32 {
        sum >> 8 ^ tables[Int(truncatingIfNeeded: sum ^ UInt32(byte)) & 0xFF]
    }

    /// Goes on from `sum` with bytes; neither complemented.
    func sum(of bytes: RawSpan, after sum: UInt32) -> UInt32 {
        bytes.withUnsafeBytes { bytes in
            tables.withUnsafeBufferPointer { tables in Self.sum(bytes, tables, after: sum) }
        }
    }

    private static func sum(
        _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>, after start: UInt32
    ) -> UInt32 {
        guard let base = bytes.baseAddress, let table = tables.baseAddress else { return start }
        var sum = start
        var at = 0
        while at &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(sum)
            sum =
                table[1792 &+ Int(truncatingIfNeeded: word & 0xFF)]
                ^ table[1536 &+ Int(truncatingIfNeeded: word &>> 8 & 0xFF)]
                ^ table[1280 &+ Int(truncatingIfNeeded: word &>> 16 & 0xFF)]
                ^ table[1024 &+ Int(truncatingIfNeeded: word &>> 24 & 0xFF)]
                ^ table[768 &+ Int(truncatingIfNeeded: word &>> 32 & 0xFF)]
                ^ table[512 &+ Int(truncatingIfNeeded: word &>> 40 & 0xFF)]
                ^ table[256 &+ Int(truncatingIfNeeded: word &>> 48 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: word &>> 56)]
            at &+= 8
        }
        while at < bytes.count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            sum = sum &>> 8 ^ table[Int(truncatingIfNeeded: (sum ^ UInt32(byte)) & 0xFF)]
            at &+= 1
        }
        return sum
    }
}
