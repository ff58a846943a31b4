import Varve

/// Encodings of values within a page.
///
/// Source: "Parquet encoding definitions" (apache/parquet-format, Encodings.md).
enum ParquetEncodings {
    /// Their numbers in the format.
    enum Code: Int32 {
        case plain = 0, rle = 3, deltaBinaryPacked = 5, rleDictionary = 8, byteStreamSplit = 9
    }

    /// Numbers of so many bits as runs: of the hybrid of runs and packed bits, runs alone.
    static func runs(_ runs: some Sequence<(number: UInt32, count: Int)>, bits: Int, to bytes: inout [UInt8]) {
        for run in runs where run.count > 0 {
            bytes.appendVarint(UInt64(run.count) << 1)
            number(run.number, bits: bits, to: &bytes)
        }
    }

    /// Bits as the hybrid of runs and packed bits: what repeats for at least as long as three bytes of bits is a run.
    ///
    /// - Parameter bits: the lowest bit of the first byte first.
    static func hybrid(bits: [UInt8], count: Int, to bytes: inout [UInt8]) {
        let whole = count / 8
        var at = 0
        var packed = 0
        // Groups of eight: one of equal bits, repeated, is a run; all others are packed.
        func flush(_ end: Int, _ bytes: inout [UInt8]) {
            guard end > packed else { return }
            bytes.appendVarint(UInt64(end - packed) << 1 | 1)
            bytes += bits[packed..<end]
        }
        while at < whole {
            let byte = bits[at]
            var end = at + 1
            if byte == 0 || byte == 0xFF {
                while end < whole, bits[end] == byte { end += 1 }
                if end - at >= 3 || at == 0 && end == whole {
                    flush(at, &bytes)
                    bytes.appendVarint(UInt64(8 * (end - at)) << 1)
                    bytes.append(byte & 1)
                    packed = end
                }
            }
            at = end
        }
        // The rest of fewer than eight is packed as if zeros followed.
        if count % 8 > 0 {
            bytes.appendVarint(UInt64(whole - packed + 1) << 1 | 1)
            bytes += bits[packed..<whole]
            bytes.append(bits[whole] & (1 << UInt8(count % 8) - 1))
        } else {
            flush(whole, &bytes)
        }
    }

    /// Integers by their differences, packed in blocks of 128 (DELTA_BINARY_PACKED). Differences wrap.
    static func deltas(_ numbers: UnsafeBufferPointer<Int64>, to bytes: inout [UInt8]) {
        let (block, parts) = (128, 4)
        bytes.appendVarint(UInt64(block))
        bytes.appendVarint(UInt64(parts))
        bytes.appendVarint(UInt64(numbers.count))
        bytes.appendZigzag(numbers.first ?? 0)
        var differences = [UInt64](repeating: 0, count: block)
        var at = 1
        while at < numbers.count {
            let count = min(block, numbers.count - at)
            var least = Int64.max
            for i in 0..<count { least = min(least, numbers[at + i] &- numbers[at + i - 1]) }
            for i in 0..<block {
                differences[i] =
                    i < count
                    ? UInt64(bitPattern: (numbers[at + i] &- numbers[at + i - 1]) &- least) : 0
            }
            bytes.appendZigzag(least)
            let part = block / parts
            let widths = (0..<parts).map { part * $0 }.map { start in
                64 - differences[start..<(start + part)].reduce(0, |).leadingZeroBitCount
            }
            for width in widths { bytes.append(UInt8(width)) }
            for (number, width) in widths.enumerated() where number * part < count {
                pack(differences[(number * part)..<((number + 1) * part)], width: width, to: &bytes)
            }
            at += count
        }
    }

    /// Packs the lowest bits of numbers, the first number's lowest bit first.
    static func pack(_ numbers: ArraySlice<UInt64>, width: Int, to bytes: inout [UInt8]) {
        guard width > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        for number in numbers {
            word |= number &<< UInt64(filled)
            let room = 64 - filled
            filled += width
            if filled < 64 { continue }
            bytes.append(littleEndian: word)
            filled -= 64
            word = filled == 0 ? 0 : number &>> UInt64(room)
        }
        while filled > 0 {
            bytes.append(UInt8(truncatingIfNeeded: word))
            word &>>= 8
            filled -= 8
        }
    }

    /// Doubles by their bytes: all first bytes, all second ones, and so on (BYTE_STREAM_SPLIT).
    static func split(_ numbers: UnsafeBufferPointer<Double>, to bytes: inout [UInt8]) {
        let count = numbers.count
        let start = bytes.count
        bytes += repeatElement(0, count: 8 * count)
        bytes.withUnsafeMutableBufferPointer { target in
            guard let source = numbers.baseAddress, let base = target.baseAddress.map({ $0 + start }) else { return }
            for plane in 0..<8 {
                let shift = UInt64(8 * plane)
                let row = base + plane * count
                for i in 0..<count { row[i] = UInt8(truncatingIfNeeded: source[i].bitPattern &>> shift) }
            }
        }
    }

    private static func number(_ number: UInt32, bits: Int, to bytes: inout [UInt8]) {
        for byte in 0..<((bits + 7) / 8) { bytes.append(UInt8(truncatingIfNeeded: number &>> UInt32(8 * byte))) }
    }
}
