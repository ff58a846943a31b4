import VarveFormat

/// Columns from any bytes: they give words or an error, and touch no memory but their own.
///
/// The first two bytes are the number of words, the rest is what stands behind a COLUMN's length. What decodes whole must
/// decode in parts to the same words.
struct ColumnDecode: FuzzTarget {
    private let codec = ColumnCodec()

    // Fuzz/Seeds has one of each form.
    static func seeds() -> [[UInt8]] { [] }

    func feed(_ input: [UInt8]) throws {
        guard input.count >= 2 else { return }
        let count = Int(input[0]) | Int(input[1] & 0x1F) << 8
        var writer = ByteWriter()
        writer.varint(input.count - 2)
        writer.raw(Array(input[2...]))
        var reader = ByteReader(writer.bytes.span.bytes)
        guard let words = try? codec.decode(&reader, count: count), count > 0 else { return }
        try demand(words.count == count, "\(words.count) words of \(count)")
        for range in [0..<count, count / 2..<count, 0..<1, count / 3..<count / 3 * 2, count - 1..<count] {
            var part = [UInt64](repeating: 0, count: range.count)
            var reader = ByteReader(writer.bytes.span.bytes)
            var failure: FormatError?
            part.withUnsafeMutableBufferPointer { target in
                do throws(FormatError) {
                    try codec.decode(&reader, count: count, range: range, into: target)
                } catch { failure = error }
            }
            if let failure { throw Broken(description: "decoded whole, but not \(range): \(failure)") }
            try demand(part == Array(words[range]), "other words in \(range)")
        }
    }
}
