import Varve
import VarveFiles

/// A file in UTF-16, as Windows PowerShell's `>` and Excel's "Unicode text" write it, seen as the UTF-8 that it stands for.
///
/// The file is decoded in blocks, and where each block begins in the UTF-8 is kept, so that any place is found again with one
/// block's decoding. Units that are no characters become U+FFFD; what a growing file ends with in the middle of a
/// character waits for the rest of it.
struct UTF16Text {
    private static let blockBytes = 1 << 15

    private let isBigEndian: Bool
    /// Where the blocks that are whole begin, and behind them the next.
    private var starts = [0]
    /// The block that was decoded last.
    private var recent: (number: Int, bytes: [UInt8])?

    /// Nil if the file doesn't begin with the mark of UTF-16.
    init?(_ file: any OpenFile) throws(FileError) {
        self.init(mark: try file.read(upTo: 2, at: 0))
    }

    private init?(mark: [UInt8]) {
        switch mark.prefix(2) {
        case [0xFF, 0xFE]: isBigEndian = false
        case [0xFE, 0xFF]: isBigEndian = true
        default: return nil
        }
    }

    /// The UTF-8 of bytes that are a file's beginning, which may be UTF-16 and may end anywhere.
    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        guard let text = UTF16Text(mark: bytes) else { return bytes }
        return text.decode(bytes[2...], isLast: true)
    }

    /// The size of the UTF-8, as far as the file is there.
    mutating func size(_ file: any OpenFile) throws(FileError) -> Int {
        let bytes = try file.size()
        // A file that was written anew in the same place.
        if (starts.count - 1) * Self.blockBytes > bytes { (starts, recent) = ([0], nil) }
        while starts.count * Self.blockBytes + 2 <= bytes { try learn(file) }
        return starts[starts.count - 1] + (try block(starts.count - 1, file, isWhole: false).count)
    }

    /// Reads UTF-8 at `offset` until `buffer` is full or the text ends; returns the number of bytes.
    mutating func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int, _ file: any OpenFile
    ) throws(FileError) -> Int {
        var done = 0
        let end = try size(file)
        while done < buffer.count, offset + done < end {
            let place = offset + done
            let number = number(of: place)
            let bytes = try block(number, file, isWhole: number < starts.count - 1)
            let start = place - starts[number]
            let count = min(bytes.count - start, buffer.count - done)
            guard count > 0 else { break }
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            bytes.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
            }
            done += count
        }
        return done
    }

    /// The block that holds a place: the last that begins at it or before.
    private func number(of place: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= place { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func learn(_ file: any OpenFile) throws(FileError) {
        let number = starts.count - 1
        starts.append(starts[number] + (try block(number, file, isWhole: true).count))
    }

    /// A block as UTF-8: the characters that begin in it.
    private mutating func block(_ number: Int, _ file: any OpenFile, isWhole: Bool) throws(FileError) -> [UInt8] {
        if isWhole, let recent, recent.number == number { return recent.bytes }
        let start = number * Self.blockBytes
        // The unit in front tells whether the first one ends a character of the block before; the one behind ends the last.
        let from = max(start - 2, 2)
        let raw = try file.read(upTo: start + Self.blockBytes + (isWhole ? 2 : 0) - from, at: from)
        let bytes = decode(raw[...], hasUnitInFront: number > 0, hasUnitBehind: isWhole, isLast: !isWhole)
        if isWhole { recent = (number, bytes) }
        return bytes
    }

    private func decode(
        _ raw: ArraySlice<UInt8>, hasUnitInFront: Bool = false, hasUnitBehind: Bool = false, isLast: Bool
    ) -> [UInt8] {
        let count = raw.count / 2
        func unit(_ index: Int) -> UInt16 {
            let at = raw.startIndex + 2 * index
            let (a, b) = (UInt16(raw[at]), UInt16(raw[at + 1]))
            return isBigEndian ? a << 8 | b : b << 8 | a
        }
        var first = hasUnitInFront ? 1 : 0
        guard count > first else { return [] }
        if hasUnitInFront, UTF16.isLeadSurrogate(unit(0)), UTF16.isTrailSurrogate(unit(1)) { first = 2 }
        var last = hasUnitBehind ? count - 1 : count
        guard last > first else { return [] }
        if UTF16.isLeadSurrogate(unit(last - 1)) {
            if isLast {
                last -= 1
            } else if last < count, UTF16.isTrailSurrogate(unit(last)) {
                last += 1
            }
        }
        return Array(String(decoding: (first..<last).map(unit), as: UTF16.self).utf8)
    }
}
