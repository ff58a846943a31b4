/// Numbers as text, written into a buffer without a `String` in between: what `description` gives, byte for byte.
package enum DecimalText {
    /// Room that a target must have, though no number takes more than 24 of it: `-2.2250738585072014e-308`.
    package static let room = 96

    /// Where digits are put together before it is known how many there are.
    private static let scratch = 40

    /// Appends an integer.
    package static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(room: room) { write(number, to: $0) }
    }

    /// Appends a finite double.
    package static func append(_ number: Double, to bytes: inout [UInt8]) {
        bytes.append(room: room) { write(number, to: $0) }
    }

    /// Writes an integer at the start of `target`. Returns its length.
    package static func write(_ number: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard number < 0 else { return write(UInt64(number), to: target) }
        target[0] = UInt8(ascii: "-")
        return 1 &+ write(number.magnitude, to: target + 1)
    }

    /// Writes an integer without a sign.
    package static func write(_ number: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if number < 10 {
            target[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number)
            return 1
        }
        if number < 100_000_000 {
            let digits = eightDigits(number)
            let zeros = digits.trailingZeroBitCount & ~7
            store((digits | asciiZeros) &>> UInt64(zeros), at: target)
            return 8 &- zeros / 8
        }
        let (above, below) = number.quotientAndRemainder(dividingBy: 100_000_000)
        let count = write(above, to: target)
        store(eightDigits(below) | asciiZeros, at: target + count)
        return count &+ 8
    }

    /// Writes a finite double as its `description`: with a point, or where it is below 1e-4 or above 2⁵³ with an exponent.
    package static func write(_ number: Double, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var text = target
        if number.sign == .minus {
            text[0] = UInt8(ascii: "-")
            text += 1
        }
        let magnitude = number.magnitude
        if magnitude <= 0x1p53, let whole = Int64(exactly: magnitude) {
            text += write(UInt64(whole), to: text)
            text[0] = UInt8(ascii: ".")
            text[1] = UInt8(ascii: "0")
            return text + 2 - target
        }
        let (decimal, exponent) = ShortestDecimal.of(magnitude)
        let digits = Digits(decimal, in: target + scratch)
        let count = digits.count
        // Digits before the point, where it is written without an exponent.
        let point = count &+ exponent &+ digits.dropped
        if magnitude > 0x1p53 || point < -3 {
            text[0] = digits.start[0]
            text += 1
            if count > 1 {
                text[0] = UInt8(ascii: ".")
                copy(digits.start + 1, to: text + 1)
                text += count
            }
            let power = point &- 1
            text[0] = UInt8(ascii: "e")
            text[1] = power < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
            text += 2
            if power.magnitude < 10 {
                text[0] = UInt8(ascii: "0")
                text += 1
            }
            text += write(UInt64(power.magnitude), to: text)
        } else if point <= 0 {
            // At most four zeros.
            store(0x3030_3030_3030_2E30, at: text)
            copy(digits.start, to: text + 2 - point)
            text += 2 - point + count
        } else {
            // It isn't whole, so that digits stand behind the point.
            copy(digits.start, to: text)
            copy(digits.start + point, to: text + point + 1)
            text[point] = UInt8(ascii: ".")
            text += count + 1
        }
        return text - target
    }

    /// Writes exactly `count` digits, at most eight, and garbage up to the eighth.
    package static func write(_ number: Int64, digits count: Int, to target: UnsafeMutablePointer<UInt8>) {
        let digits = eightDigits(UInt64(truncatingIfNeeded: number)) | asciiZeros
        store(digits &>> UInt64(truncatingIfNeeded: (8 &- count) &* 8), at: target)
    }

    /// The digits of a decimal below 10¹⁷, without zeros at either end, as text in memory.
    private struct Digits {
        var start: UnsafeMutablePointer<UInt8>
        var count: Int
        /// Zeros that stood at its end.
        var dropped: Int

        /// - Parameter place: room for 24 bytes.
        @inline(__always)
        init(_ decimal: UInt64, in place: UnsafeMutablePointer<UInt8>) {
            let (upper, below) = decimal.quotientAndRemainder(dividingBy: 100_000_000)
            let (top, middle) = upper.quotientAndRemainder(dividingBy: 100_000_000)
            let (first, second) = (eightDigits(middle), eightDigits(below))
            place[7] = UInt8(truncatingIfNeeded: 0x30 &+ top)
            store(first | asciiZeros, at: place + 8)
            store(second | asciiZeros, at: place + 16)
            let start: Int
            if top != 0 {
                start = 7
            } else {
                start = first != 0 ? 8 &+ first.trailingZeroBitCount / 8 : 16 &+ second.trailingZeroBitCount / 8
            }
            if second != 0 {
                dropped = second.leadingZeroBitCount / 8
            } else {
                dropped = first != 0 ? 8 &+ first.leadingZeroBitCount / 8 : 16
            }
            self.start = place + start
            count = 24 &- start &- dropped
        }
    }

    private static let asciiZeros: UInt64 = 0x3030_3030_3030_3030

    /// The eight digits of a number below 10⁸, one a byte, the first one lowest: split in halves, in all halves at once.
    @inline(__always)
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        let (upper, lower) = number.quotientAndRemainder(dividingBy: 10_000)
        let fours = upper | lower &<< 32
        let hundreds = ((fours &* 10_486) &>> 20) & 0x7F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = ((twos &* 103) &>> 10) & 0x000F_000F_000F_000F
        return tens | (twos &- tens &* 10) &<< 8
    }

    @inline(__always)
    private static func store(_ word: UInt64, at target: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, as: UInt64.self)
    }

    /// Copies 17 bytes.
    @inline(__always)
    private static func copy(_ source: UnsafeMutablePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
        let bytes = UnsafeRawPointer(source)
        let words = (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        UnsafeMutableRawPointer(target).storeBytes(of: words.0, as: UInt64.self)
        UnsafeMutableRawPointer(target + 8).storeBytes(of: words.1, as: UInt64.self)
        target[16] = source[16]
    }
}
