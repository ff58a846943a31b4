import Varve

/// One column of a row group on its way to the file: pages, and what the file's end says of them.
struct ColumnChunk: Sendable {
    /// Pages end to end, headers before each.
    var bytes: [UInt8] = []
    /// How many bytes the dictionary page has, headers included; 0: there is none.
    var dictionaryBytes = 0
    var plainBytes = 0
    var values: Int
    var nulls = 0
    var encodings: [ParquetEncodings.Code]
    /// The least and the greatest, as plain bytes; nil: not known, or there are none.
    var bounds: (least: [UInt8], greatest: [UInt8])?
}

/// The columns of some rows.
struct RowGroup: Sendable {
    var rows: Int
    var chunks: [ColumnChunk]
}

/// Turns rows into the column chunks of a row group. One thread at a time has it.
final class RowGroupEncoder {
    private let columns: [TableColumn]
    private let zstd: Zstd?
    private static let level: Int32 = 1
    /// As many values as a page has at most.
    private let valuesAPage: Int
    /// Longer texts don't stand in statistics.
    private static let longestBound = 256

    init(_ columns: [TableColumn], zips: Bool, valuesAPage: Int) {
        self.valuesAPage = valuesAPage
        self.columns = columns
        zstd = zips ? Zstd() : nil
    }

    func encode(_ batch: TableBatch) throws(VarveError) -> RowGroup {
        var chunks: [ColumnChunk] = []
        for column in batch.columns {
            switch column {
            case .texts(let runs, let texts): chunks.append(try text(runs, texts, batch.rows))
            case .integers(let numbers): chunks.append(try integers(numbers, present: nil, rows: batch.rows))
            case .times(let times):
                var bits = [UInt8](repeating: 0, count: (times.count + 7) / 8)
                for (row, time) in times.enumerated() where time != .min { bits[row >> 3] |= 1 << UInt8(row & 7) }
                chunks.append(try integers(times.filter { $0 != .min }, present: bits, rows: batch.rows))
            case .numbers(let numbers): chunks.append(try doubles(numbers, present: nil, rows: batch.rows))
            case .optionalNumbers(let numbers, let present):
                var shown: [Double] = []
                for row in 0..<batch.rows where present[row >> 3] >> UInt8(row & 7) & 1 == 1 {
                    shown.append(numbers[row])
                }
                chunks.append(try doubles(shown, present: present, rows: batch.rows))
            }
        }
        return RowGroup(rows: batch.rows, chunks: chunks)
    }

    /// Texts: a dictionary of those that come, and runs of their numbers in it.
    private func text(
        _ runs: [TableBatch.TextRun], _ texts: [String], _ rows: Int
    ) throws(VarveError) -> ColumnChunk {
        var chunk = ColumnChunk(values: rows, encodings: [.plain, .rle, .rleDictionary])
        var numbers: [Int32: UInt32] = [:]
        var used: [String] = []
        var local: [(number: UInt32, count: Int)] = []
        for run in runs {
            let number: UInt32
            if let known = numbers[run.number] {
                number = known
            } else {
                number = UInt32(used.count)
                numbers[run.number] = number
                used.append(texts[Int(run.number)])
            }
            local.append((number, run.count))
        }
        var dictionary = ByteWriter()
        for text in used {
            dictionary.fixed(UInt32(truncatingIfNeeded: text.utf8.count))
            dictionary.raw(Array(text.utf8))
        }
        try page(dictionary.bytes, .dictionary(used.count), &chunk)
        chunk.dictionaryBytes = chunk.bytes.count
        let bits = used.count > 1 ? 32 - UInt32(used.count - 1).leadingZeroBitCount : 1
        var data: [UInt8] = [UInt8(bits)]
        ParquetEncodings.runs(local, bits: bits, to: &data)
        try page(data, .data(rows, .rleDictionary), &chunk)
        if let least = used.min(by: { $0.precedesByBytes($1) }),
            let greatest = used.max(by: { $0.precedesByBytes($1) }),
            max(least.utf8.count, greatest.utf8.count) <= Self.longestBound
        {
            chunk.bounds = (Array(least.utf8), Array(greatest.utf8))
        }
        return chunk
    }

    /// - Parameter present: which rows have one, a bit a row; nil: all have, and may not lack one.
    private func integers(_ numbers: [Int64], present: [UInt8]?, rows: Int) throws(VarveError) -> ColumnChunk {
        var chunk = ColumnChunk(values: rows, encodings: [.rle, .deltaBinaryPacked])
        try pages(numbers, present, rows, .deltaBinaryPacked, &chunk) { ParquetEncodings.deltas($0, to: &$1) }
        if let least = numbers.min(), let greatest = numbers.max() {
            chunk.bounds = (Self.plain(UInt64(bitPattern: least)), Self.plain(UInt64(bitPattern: greatest)))
        }
        return chunk
    }

    private func doubles(_ numbers: [Double], present: [UInt8]?, rows: Int) throws(VarveError) -> ColumnChunk {
        var chunk = ColumnChunk(values: rows, encodings: [.rle, .byteStreamSplit])
        try pages(numbers, present, rows, .byteStreamSplit, &chunk) { ParquetEncodings.split($0, to: &$1) }
        var (least, greatest) = (Double.infinity, -Double.infinity)
        var isNumber = false
        for number in numbers where !number.isNaN {
            isNumber = true
            if number < least { least = number }
            if number > greatest { greatest = number }
        }
        // NaN has no place in an order; of the two zeros a reader must expect either.
        if isNumber {
            if least == 0 { least = -0.0 }
            if greatest == 0 { greatest = 0.0 }
            chunk.bounds = (Self.plain(least.bitPattern), Self.plain(greatest.bitPattern))
        }
        return chunk
    }

    private static func plain(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }

    /// Cuts a column into pages: which rows have a value, then the values of those that do.
    private func pages<Number>(
        _ numbers: [Number], _ present: [UInt8]?, _ rows: Int, _ encoding: ParquetEncodings.Code,
        _ chunk: inout ColumnChunk, _ encode: (UnsafeBufferPointer<Number>, inout [UInt8]) -> Void
    ) throws(VarveError) {
        chunk.nulls = rows - numbers.count
        var next = 0
        for start in stride(from: 0, to: rows, by: valuesAPage) {
            let count = min(valuesAPage, rows - start)
            var data: [UInt8] = []
            var shown = count
            if let present {
                // Pages begin at a multiple of eight rows.
                let bits = Array(present[(start / 8)..<((start + count + 7) / 8)])
                shown = bits.reduce(0) { $0 + $1.nonzeroBitCount }
                var levels: [UInt8] = []
                ParquetEncodings.hybrid(bits: bits, count: count, to: &levels)
                data.append(littleEndian: UInt32(levels.count))
                data += levels
            }
            numbers.withUnsafeBufferPointer {
                encode(UnsafeBufferPointer(rebasing: $0[next..<(next + shown)]), &data)
            }
            next += shown
            try page(data, .data(count, encoding), &chunk)
        }
    }

    private enum PageKind {
        case data(Int, ParquetEncodings.Code)
        case dictionary(Int)
    }

    /// Adds a page with its header.
    private func page(_ plain: [UInt8], _ kind: PageKind, _ chunk: inout ColumnChunk) throws(VarveError) {
        guard let size = Int32(exactly: plain.count) else {
            throw VarveError(
                .limit, "texts are too long for a page of Parquet", expected: "at most 2 GiB",
                remedy: "export fewer runs at a time")
        }
        var stored = plain
        if let zstd {
            var isDone = false
            stored = [UInt8](unsafeUninitializedCapacity: Zstd.bound(plain.count)) { target, filled in
                let room = UnsafeMutableRawBufferPointer(target)
                let count = plain.withUnsafeBytes { zstd.compress($0, into: room, level: Self.level) }
                isDone = count != nil
                filled = count ?? 0
            }
            guard isDone else { throw VarveError(.system, "zstd could not compress a page") }
        }
        var header = ThriftWriter()
        switch kind {
        case .data: header.int32(1, 0)
        case .dictionary: header.int32(1, 2)
        }
        header.int32(2, size)
        header.int32(3, Int32(truncatingIfNeeded: stored.count))
        switch kind {
        case .data(let values, let encoding):
            header.structure(5) { data in
                data.int32(1, Int32(truncatingIfNeeded: values))
                data.int32(2, encoding.rawValue)
                // Levels, where there are any, are runs.
                data.int32(3, ParquetEncodings.Code.rle.rawValue)
                data.int32(4, ParquetEncodings.Code.rle.rawValue)
            }
        case .dictionary(let values):
            header.structure(7) { data in
                data.int32(1, Int32(truncatingIfNeeded: values))
                data.int32(2, ParquetEncodings.Code.plain.rawValue)
            }
        }
        header.stop()
        chunk.bytes += header.bytes
        chunk.bytes += stored
        chunk.plainBytes += header.bytes.count + plain.count
    }
}
