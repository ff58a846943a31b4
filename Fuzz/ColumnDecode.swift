/// Columns from any bytes: they give words or an error, and touch no memory but their own.
///
/// The first two bytes are the number of words, the rest is what stands behind a COLUMN's length. What decodes whole must
/// decode in parts to the same words.
// One thread calls the target, and keeps the codec between inputs as a reader does.
private nonisolated(unsafe) let codec = ColumnCodec()

/// Decodes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzColumnDecode(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let start, size >= 2 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: size))
    let count = Int(input[0]) | Int(input[1] & 0x1F) << 8
    var writer = ByteWriter()
    writer.varint(size - 2)
    writer.raw(Array(input[2...]))
    var reader = ByteReader(writer.bytes.span.bytes)
    guard let words = try? codec.decode(&reader, count: count), count > 0 else { return 0 }
    precondition(words.count == count)
    for range in [0..<count, count / 2..<count, 0..<1, count / 3..<count / 3 * 2, count - 1..<count] {
        var part = [UInt64](repeating: 0, count: range.count)
        var reader = ByteReader(writer.bytes.span.bytes)
        part.withUnsafeMutableBufferPointer { target in
            do throws(FormatError) {
                try codec.decode(&reader, count: count, range: range, into: target)
            } catch { fatalError("whole, but not in part: \(error)") }
        }
        precondition(part == Array(words[range]), "other words in part")
    }
    return 0
}
