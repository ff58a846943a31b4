import Varve
import VarveFormat
import VarveImport

/// Makes the checksums of bytes fit, so that what is behind them is fuzzed and not they.
enum Mending {
    private static func load<Word: FixedWidthInteger>(_ bytes: [UInt8], _ at: Int, _: Word.Type) -> Word {
        var word: Word = 0
        for i in 0..<MemoryLayout<Word>.size { word |= Word(truncatingIfNeeded: bytes[at + i]) << Word(8 * i) }
        return word
    }

    private static func store<Word: FixedWidthInteger>(_ word: Word, _ bytes: inout [UInt8], _ at: Int) {
        for i in 0..<MemoryLayout<Word>.size { bytes[at + i] = UInt8(truncatingIfNeeded: word >> Word(8 * i)) }
    }

    private static func hash(_ bytes: [UInt8], _ range: Range<Int>, seed: UInt64 = 0) -> UInt64 {
        XXHash64.hash(Array(bytes[range]), seed: seed)
    }

    /// The frames of a log file, wherever the magic of one stands at a multiple of 8.
    static func log(_ bytes: inout [UInt8]) {
        let head = FormatConstants.frameHeaderBytes
        var salt: UInt64 = 0
        var at = 0
        while at + head <= bytes.count {
            guard load(bytes, at, UInt32.self) == FormatConstants.frameMagic else {
                at += 8
                continue
            }
            let stored = Int(load(bytes, at + 8, UInt32.self))
            let isWhole = stored <= bytes.count - at - head
            if isWhole {
                let isBegin = bytes[at + 4] == 0
                store(hash(bytes, at + head..<at + head + stored, seed: isBegin ? 0 : salt), &bytes, at + 24)
                // The salt stands at byte 40 of `begin`.
                if isBegin, stored >= 48 { salt = load(bytes, at + head + 40, UInt64.self) }
            }
            store(UInt32(truncatingIfNeeded: hash(bytes, at..<at + head - 4)), &bytes, at + head - 4)
            at += isWhole ? (head + stored + 7) / 8 * 8 : 8
        }
    }

    /// A segment: header, chunks, sections, trailer, as far as its numbers lie within the file.
    static func segment(_ bytes: inout [UInt8]) {
        let head = FormatConstants.segmentHeaderBytes
        let end = bytes.count - FormatConstants.trailerBytes
        guard end >= head else { return }
        store(hash(bytes, 0..<head - 8), &bytes, head - 8)
        func checked(_ offset: UInt64, _ length: Int) -> Range<Int>? {
            guard length >= 8, length <= end, offset <= UInt64(end - length) else { return nil }
            return Int(offset)..<Int(offset) + length
        }
        func mend(_ range: Range<Int>, _ bytes: inout [UInt8]) {
            let content = range.lowerBound..<range.upperBound - 8
            store(hash(bytes, content, seed: UInt64(range.lowerBound)), &bytes, content.upperBound)
        }
        var sections: [Range<Int>] = []
        for i in 0..<5 {
            let at = end + 16 + 12 * i
            let length = Int(load(bytes, at + 8, UInt32.self))
            if let range = checked(load(bytes, at, UInt64.self), length) {
                sections.append(range)
                if i == 1 { pages(range, &bytes, checked, mend) }
            }
        }
        for range in sections { mend(range, &bytes) }
        store(hash(bytes, end..<bytes.count - 8), &bytes, bytes.count - 8)
    }

    private static func pages(
        _ section: Range<Int>, _ bytes: inout [UInt8], _ checked: (UInt64, Int) -> Range<Int>?,
        _ mend: (Range<Int>, inout [UInt8]) -> Void
    ) {
        var at = section.lowerBound
        while at + FormatConstants.pageEntryBytes <= section.upperBound - 8 {
            var offset = load(bytes, at, UInt64.self)
            for chunk in 0..<4 {
                let length = Int(load(bytes, at + 8 + 4 * chunk, UInt32.self))
                guard let range = checked(offset, length) else { continue }
                mend(range, &bytes)
                offset += UInt64(length)
            }
            at += FormatConstants.pageEntryBytes
        }
    }

    /// A manifest.
    static func manifest(_ bytes: inout [UInt8]) {
        let head = FormatConstants.manifestHeaderBytes
        guard bytes.count >= head else { return }
        store(XXHash64.hash(Array(bytes[..<(head - 8)]) + Array(bytes[head...])), &bytes, head - 8)
    }

    /// A journal: its header, and for each slot the record of the lap that its check word's low byte names.
    static func journal(_ bytes: inout [UInt8]) {
        let checked = FormatConstants.journalChecksummedBytes
        guard bytes.count >= checked + 8 else { return }
        store(hash(bytes, 0..<checked), &bytes, checked)
        guard let header = try? JournalHeader(parsing: bytes.span.bytes) else { return }
        let (start, size) = (FormatConstants.journalHeaderBytes, FormatConstants.journalRecordBytes)
        for slot in 0..<max(0, min(Int(header.slots), (bytes.count - start) / size)) {
            let at = start + slot * size
            // All ones: left as it is, torn.
            guard bytes[at + 28] != 0xFF else { continue }
            let sequence = UInt64(slot) + UInt64(bytes[at + 28]) * UInt64(header.slots)
            let check = JournalRecord.check(
                step: load(bytes, at, Int64.self), time: load(bytes, at + 8, Int64.self),
                value: load(bytes, at + 16, UInt64.self), series: load(bytes, at + 24, UInt32.self), sequence: sequence,
                salt: header.salt)
            store(check, &bytes, at + 28)
        }
    }

    /// The records of an event file, as far as their lengths lie within it.
    static func events(_ bytes: inout [UInt8]) {
        var at = 0
        while at + 16 <= bytes.count {
            store(CRC32C.masked(Array(bytes[at..<at + 8]).span.bytes), &bytes, at + 8)
            let length = load(bytes, at, UInt64.self)
            guard length <= UInt64(bytes.count - at - 16) else { return }
            let end = at + 12 + Int(length)
            store(CRC32C.masked(Array(bytes[at + 12..<end]).span.bytes), &bytes, end)
            at = end + 4
        }
    }

    /// The chunks of a log in blocks, as far as their lengths lie within their blocks.
    static func blocks(_ bytes: inout [UInt8]) {
        let (header, block) = (BlockLogReader.headerBytes, BlockLogReader.blockBytes)
        var at = header
        while at + header <= bytes.count {
            let left = block - at % block
            if left < header {
                at += left
                continue
            }
            let length = Int(load(bytes, at + 4, UInt16.self))
            let end = at + header + length
            guard header + length <= left, end <= bytes.count else { return }
            store(CRC32.checksum(of: bytes[at + 6], and: Array(bytes[at + header..<end]).span.bytes), &bytes, at)
            at = end
        }
    }
}
