import Testing
import VarveTestSupport

@testable import VarveFormat

/// Shows that numbers are written as their `description`, byte for byte: random bits, every exponent with odd fractions, the
/// kinds of numbers that are logged, and the corner cases of the shortest form.
struct DecimalTextTests {
    private func text(_ write: (UnsafeMutablePointer<UInt8>) -> Int) -> String {
        // As small as it gets, so that it has to grow.
        let buffer = TextBuffer(capacity: 1)
        buffer.append(room: DecimalText.room, write)
        return String(decoding: buffer.take(), as: UTF8.self)
    }

    private func check(_ number: Double) throws {
        guard number.isFinite else { return }
        let written = text { DecimalText.write(number, to: $0) }
        try require(written == number.description, "\(number) is written as \(written)")
    }

    @Test func doublesAreTheirDescription() {
        withSeeds(0..<4) { _, random in
            for _ in 0..<25_000 {
                try check(Double(bitPattern: random.next()))
                try check(Double(Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))))
                try check(Double(Float.random(in: -10...10, using: &random)))
                try check(Double(Int.random(in: -1_000_000...1_000_000, using: &random)) / 1_000)
                try check(Double(Int.random(in: -(1 << 56)...(1 << 56), using: &random)))
                try check(1 / Double(Int.random(in: 1...100_000, using: &random)))
            }
        }
    }

    @Test func everyExponentIsWritten() {
        withEvery("exponent", in: 0..<UInt64(2047)) { exponent in
            for fraction: UInt64 in [0, 1, 2, 1 << 51, (1 << 52) - 2, (1 << 52) - 1] {
                try check(Double(bitPattern: exponent << 52 | fraction))
                try check(-Double(bitPattern: exponent << 52 | fraction))
            }
        }
        var power = 1.0
        withEvery("power of ten", in: 0..<308) { _ in
            for number in [power, 1 / power, power.nextUp, power.nextDown, (1 / power).nextDown] { try check(number) }
            power *= 10
        }
    }

    @Test func knownDoubles() {
        let known: [(Double, String)] = [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (0.0001, "0.0001"), (0.00001, "1e-05"),
            (1e16, "1e+16"), (9007199254740992, "9007199254740992.0"), (9007199254740994, "9.007199254740994e+15"),
            (.leastNonzeroMagnitude, "5e-324"), (-.greatestFiniteMagnitude, "-1.7976931348623157e+308"),
            (2e23, "2e+23"),
            (9.5367431640625e-7, "9.5367431640625e-07"), (123_456.789, "123456.789"),
        ]
        for (number, expected) in known { #expect(text { DecimalText.write(number, to: $0) } == expected) }
    }

    @Test func integersAreTheirDescription() {
        withSeeds(0..<4) { _, random in
            for _ in 0..<20_000 {
                let number = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
                let written = text { DecimalText.write(number, to: $0) }
                try require(written == "\(number)", "\(number) is written as \(written)")
            }
        }
        var power: Int64 = 1
        for _ in 0..<19 {
            for number in [power - 1, power, -power] {
                #expect(text { DecimalText.write(number, to: $0) } == "\(number)")
            }
            power &*= 10
        }
        for number: Int64 in [.min, .max] { #expect(text { DecimalText.write(number, to: $0) } == "\(number)") }
    }
}
