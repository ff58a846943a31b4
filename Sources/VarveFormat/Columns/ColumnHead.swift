/// What stands at the beginning of a column: which transform, differences and body it has, and its exceptions.
struct ColumnHead {
    var transform: ColumnTransform
    var order: Int
    var body: BodyCode
    var exceptions: ColumnExceptions

    /// Takes the beginning of a column of `count` words.
    init(_ reader: inout ByteReader, _ count: Int) throws(FormatError) {
        let head = try reader.u8("a column's transform")
        order = Int(head >> 4)
        guard let code = TransformCode(rawValue: head & 15), order <= ColumnEncoding.maxOrder else {
            throw FormatError(
                .corrupt, at: 0, expected: "a transform from 0 to 9 and an order from 0 to 7",
                found: "\(head & 15) and \(order)")
        }
        let kind = try reader.u8("a column's body")
        guard let body = BodyCode(rawValue: kind) else {
            throw FormatError(.corrupt, at: 1, expected: "a body from 0 to 7", found: "\(kind)")
        }
        self.body = body
        transform = ColumnTransform(code)
        if code == .scaled { transform.base = UInt64(bitPattern: try reader.zigzag("a column's base")) }
        if code.hasDivisor { transform.divisor = try reader.varint("a column's divisor") }
        guard transform.divisor >= 1 else {
            throw FormatError(.corrupt, at: reader.offset, expected: "a divisor of at least 1", found: "0")
        }
        if let most = code.mostBits {
            let at = reader.offset
            let bits = try reader.u8("the bits of a distance, or those left out")
            guard bits <= most else {
                throw FormatError(.corrupt, at: at, expected: "at most \(most) bits", found: "\(bits)")
            }
            transform.base = UInt64(bits)
        }
        exceptions = code.hasExceptions ? try ColumnExceptions(&reader, count) : ColumnExceptions()
    }
}
