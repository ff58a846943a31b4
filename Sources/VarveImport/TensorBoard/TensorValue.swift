import Varve

/// A tensor of an event file, as far as a scalar or a text needs it.
///
/// `tensorflow/core/framework/tensor.proto`: dtype 1, tensor_shape 2, tensor_content 4, and lists of values by type.
struct TensorValue {
    /// The types that hold one real number an element, by their number in `types.proto`.
    enum Element: UInt64 {
        case float = 1
        case double = 2
        case int32 = 3
        case uint8 = 4
        case int16 = 5
        case int8 = 6
        case int64 = 9
        case bool = 10
        case bfloat16 = 14
        case uint16 = 17
        case half = 19
        case uint32 = 22
        case uint64 = 23

        /// Bytes of an element in `tensor_content`.
        var bytes: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .int16, .uint16, .bfloat16, .half: 2
            case .float, .int32, .uint32: 4
            case .double, .int64, .uint64: 8
            }
        }

        /// The field that lists values of this type.
        var listField: Int {
            switch self {
            case .float: 5
            case .double: 6
            case .int32, .uint8, .int16, .int8, .uint16: 7
            case .int64: 10
            case .bool: 11
            case .half, .bfloat16: 13
            case .uint32: 16
            case .uint64: 17
            }
        }

        /// How values of this type are shown.
        var valueType: ValueType {
            switch self {
            case .float, .half, .bfloat16: .float
            case .double: .double
            default: .integer
            }
        }
    }

    static let stringType: UInt64 = 7
    private static let stringField = 8

    private(set) var type: UInt64 = 0
    /// The product of the dimensions; nil if it is unknown, or beyond 64 bits.
    private(set) var count: Int? = 1
    private var content: Range<Int>?
    /// The first field of each kind of list, and of texts all.
    private var lists: [(number: Int, field: ProtobufFields.Field)] = []

    /// Reads the message's fields; values are looked at when they are asked for.
    init(_ message: RawSpan) throws(FormatError) {
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            switch field {
            case .varint(1, let value): type = value
            case .bytes(2, let range): count = try Self.elements(fields.span(range))
            case .bytes(4, let range): content = range
            case .bytes(let number, _), .varint(let number, _), .fixed32(let number, _), .fixed64(let number, _):
                if number == Self.stringField || !lists.contains(where: { $0.number == number }) {
                    lists.append((number, field))
                }
            }
        }
    }

    private static func elements(_ shape: RawSpan) throws(FormatError) -> Int? {
        var fields = ProtobufFields(shape)
        var count = 1
        while let field = try fields.next() {
            if case .varint(3, 1) = field { return nil }
            guard case .bytes(2, let range) = field else { continue }
            var size: UInt64 = 0
            var dimension = ProtobufFields(fields.span(range))
            while let part = try dimension.next() { if case .varint(1, let value) = part { size = value } }
            let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: size))
            guard !overflow, size <= UInt64(Int.max) else { return nil }
            count = product
        }
        return count
    }

    /// The number in a tensor of one element, and how it was stored; nil if it isn't one. `message` is the one read.
    ///
    /// A tensor without any value is 0: TensorFlow leaves out what is the default.
    func scalar(_ message: RawSpan) throws(FormatError) -> (value: Double, type: ValueType, isRounded: Bool)? {
        guard count == 1, let element = Element(rawValue: type) else { return nil }
        var bits: UInt64 = 0
        if let content, !content.isEmpty {
            guard content.count == element.bytes else { return nil }
            for at in content.reversed() {
                bits = bits << 8 | UInt64(message.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self))
            }
            let unused = UInt64(64 - 8 * element.bytes)
            switch element {
            case .int8, .int16, .int32:
                bits = UInt64(bitPattern: Int64(bitPattern: bits << unused) >> Int64(unused))
            default: break
            }
        } else if let entry = lists.first(where: { $0.number == element.listField }) {
            guard let first = try Self.first(entry.field, element, message) else { return nil }
            bits = first
        }
        return Self.number(bits, element)
    }

    /// The first value of a list, packed or not.
    private static func first(
        _ field: ProtobufFields.Field, _ element: Element, _ message: RawSpan
    ) throws(FormatError) -> UInt64? {
        switch field {
        case .varint(_, let value): return value
        case .fixed32(_, let value): return UInt64(value)
        case .fixed64(_, let value): return value
        case .bytes(_, let range):
            guard !range.isEmpty else { return 0 }
            var reader = ByteReader(message.extracting(range))
            switch element {
            case .float: return UInt64(try reader.fixed(UInt32.self, "a float"))
            case .double: return try reader.fixed(UInt64.self, "a double")
            default: return try reader.varint("an integer")
            }
        }
    }

    private static func number(_ bits: UInt64, _ element: Element) -> (value: Double, type: ValueType, isRounded: Bool)
    {
        let value: Double
        var isRounded = false
        switch element {
        case .float: value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: value = Double(bitPattern: bits)
        case .half: value = Self.half(UInt16(truncatingIfNeeded: bits))
        case .bfloat16: value = Double(Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: bits)) << 16))
        case .bool: value = bits == 0 ? 0 : 1
        case .uint8, .uint16, .uint32, .uint64:
            value = Double(bits)
            isRounded = UInt64(exactly: value) != bits
        case .int8, .int16, .int32, .int64:
            value = Double(Int64(bitPattern: bits))
            isRounded = Int64(exactly: value) != Int64(bitPattern: bits)
        }
        return (value, element.valueType, isRounded)
    }

    /// IEEE 754 binary16. Spelled out, since `Float16` isn't available everywhere.
    private static func half(_ bits: UInt16) -> Double {
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double =
            switch bits >> 10 & 0x1F {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            case let exponent: (1024 + fraction) * Double(sign: .plus, exponent: Int(exponent) - 25, significand: 1)
            }
        return bits >> 15 == 1 ? -magnitude : magnitude
    }

    /// The numbers of a tensor of floats or doubles; nil if it is another one, or has another number of values than its shape.
    func numbers(_ message: RawSpan) throws(FormatError) -> [Double]? {
        guard let element = Element(rawValue: type), element == .double || element == .float else { return nil }
        var packed = content
        let list = lists.first { $0.number == element.listField }
        if packed?.isEmpty ?? true, case .bytes(_, let range)? = list?.field { packed = range }
        guard let packed, packed.count % element.bytes == 0, count == packed.count / element.bytes else { return nil }
        var reader = ByteReader(message.extracting(packed))
        var numbers: [Double] = []
        while !reader.isAtEnd {
            numbers.append(
                element == .double
                    ? Double(bitPattern: try reader.fixed(UInt64.self, "a double"))
                    : Double(Float(bitPattern: try reader.fixed(UInt32.self, "a float"))))
        }
        return numbers
    }

    /// Where the byte strings of a tensor of strings stand in the message.
    var stringRanges: [Range<Int>] {
        guard type == Self.stringType else { return [] }
        return lists.compactMap { entry in
            guard entry.number == Self.stringField, case .bytes(_, let range) = entry.field else { return nil }
            return range
        }
    }

    /// The texts of a tensor of strings.
    func strings(_ message: RawSpan) -> [String] {
        stringRanges.map { message.extracting($0).withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
