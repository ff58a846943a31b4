import VarveFormat

/// Any words come back bit for bit, whatever form the encoder chooses.
///
/// The first byte says how words are made of the rest: as they stand, or as numbers that training loops log, so that all
/// transforms come into question.
struct ColumnRoundTrip: FuzzTarget {
    private let codec = ColumnCodec()

    static func seeds() -> [[UInt8]] { [] }

    func feed(_ input: [UInt8]) throws {
        guard input.count >= 3 else { return }
        let words = made(input[0] >> 3, of: Array(input[2...]), divisor: Double(input[1]) + 1)
        let efforts: [ColumnEffort] = [.log, .index, .parts]
        let kind: ColumnKind = input[0] & 4 == 0 ? .doubles : .integers
        var writer = ByteWriter()
        codec.encode(words, kind, effort: efforts[Int(input[0] & 3) % 3], into: &writer)
        try demand(writer.count <= 8 * words.count + 16, "\(writer.count) bytes for \(words.count) words")
        var reader = ByteReader(writer.bytes.span.bytes)
        do throws(FormatError) {
            let found = try codec.decode(&reader, count: words.count)
            guard found == words else { throw FormatError(.corrupt, at: 0, expected: "the words", found: "others") }
        } catch { throw Broken(description: "the encoder's own bytes: \(error)") }
    }
}

private func made(_ sort: UInt8, of bytes: [UInt8], divisor: Double) -> [UInt64] {
    var sum = 0.0
    switch sort % 8 {
    case 0:
        return stride(from: 0, to: bytes.count, by: 8).map { at in
            (at..<min(at + 8, bytes.count)).reduce(0) { $0 | UInt64(bytes[$1]) << UInt64(8 * ($1 - at)) }
        }
    case 1: return bytes.map { UInt64(bitPattern: Int64(Int8(bitPattern: $0))) }
    case 2: return bytes.map { Double(Int8(bitPattern: $0)).bitPattern }
    case 3: return bytes.map { (Double($0) / divisor).bitPattern }
    case 4: return bytes.map { Double(Float(Double($0) / divisor)).bitPattern }
    case 5: return bytes.map { (Double($0) / divisor).bitPattern &+ UInt64($0 & 3) }
    case 6:
        return bytes.map { byte in
            sum += Double(byte) / divisor
            return sum.bitPattern
        }
    default: return bytes.enumerated().map { UInt64($0.offset) &* UInt64(divisor) &+ UInt64($0.element >> 6) }
    }
}
