import Glibc
import VarveFormat

/// Numbers as text: read to the double that the C library reads, and written so that the same double is read.
struct Decimals: FuzzTarget {
    static var words: [String] { ["e308", "e-324", "2.2250738585072014e-308", "9007199254740993", "-0", ".5", "1."] }

    static func seeds() -> [[UInt8]] {
        [
            "0.1", "-12345.678e-9", "9007199254740993", "2.4703282292062327208e-324", "1.7976931348623159e308",
            "9223372036854775808", "+.5e+10", "000123", "123456789012345678901234567890.5",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        if let number = DecimalNumber(input.span.bytes) {
            let text = String(decoding: input, as: UTF8.self)
            let expected = strtod(text, nil)
            try demand(number.value.bitPattern == expected.bitPattern, "\(text) is \(number.value), not \(expected)")
            if let integer = number.exactInteger {
                try demand(Int64(text) == integer, "\(text) is not \(integer)")
            }
        }
        let bits = input.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        try written(Int64(bitPattern: bits))
        let double = Double(bitPattern: bits)
        if double.isFinite { try written(double) }
    }

    private func written(_ number: Double) throws {
        let bytes = [UInt8](unsafeUninitializedCapacity: DecimalText.room) { target, count in
            count = target.baseAddress.map { DecimalText.write(number, to: $0) } ?? 0
        }
        try demand(
            bytes == Array(number.description.utf8), "\(number) is written \(String(decoding: bytes, as: UTF8.self))")
        try demand(DecimalNumber(bytes.span.bytes)?.value.bitPattern == number.bitPattern, "\(number) isn't read back")
    }

    private func written(_ number: Int64) throws {
        let bytes = [UInt8](unsafeUninitializedCapacity: DecimalText.room) { target, count in
            count = target.baseAddress.map { DecimalText.write(number, to: $0) } ?? 0
        }
        try demand(bytes == Array("\(number)".utf8), "\(number) is written \(String(decoding: bytes, as: UTF8.self))")
    }
}
