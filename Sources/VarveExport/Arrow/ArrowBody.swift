import Varve

/// The body of a record batch or dictionary: buffers end to end, each at a multiple of 64.
struct ArrowBody {
    private(set) var bytes: [UInt8] = []
    private(set) var buffers: [Range<Int>] = []
    private(set) var nodes: [(rows: Int, nulls: Int)] = []
    /// nil: buffers stay as they are.
    private let zstd: Zstd?
    private static let alignment = 64
    private static let level: Int32 = 1

    var isCompressed: Bool { zstd != nil }

    init(capacity: Int, _ zstd: Zstd?) {
        self.zstd = zstd
        bytes.reserveCapacity(capacity)
    }

    /// Adds the columns of a batch.
    mutating func add(_ batch: TableBatch) {
        for column in batch.columns {
            switch column {
            case .texts(let runs, _):
                let numbers = [Int32](unsafeUninitializedCapacity: batch.rows) { target, filled in
                    for run in runs {
                        target[filled..<(filled + run.count)].update(repeating: run.number)
                        filled += run.count
                    }
                }
                add(numbers, validity: nil, nulls: 0)
            case .integers(let numbers): add(numbers, validity: nil, nulls: 0)
            case .numbers(let numbers): add(numbers, validity: nil, nulls: 0)
            case .times(let times):
                let nulls = times.count { $0 == .min }
                guard nulls > 0 else {
                    add(times, validity: nil, nulls: 0)
                    continue
                }
                var bits = [UInt8](repeating: 0, count: (times.count + 7) / 8)
                for (row, time) in times.enumerated() where time != .min { bits[row >> 3] |= 1 << UInt8(row & 7) }
                let shown = times.map { $0 == .min ? 0 : $0 }
                add(shown, validity: bits, nulls: nulls)
            case .optionalNumbers(let numbers, let present):
                let nulls = batch.rows - present.reduce(0) { $0 + $1.nonzeroBitCount }
                add(numbers, validity: nulls == 0 ? nil : present, nulls: nulls)
            }
        }
    }

    /// Adds a column of texts.
    /// - Returns: false if they don't fit into 2 GiB, which is as far as their offsets go.
    mutating func add(texts: ArraySlice<String>) -> Bool {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(texts.count + 1)
        var content: [UInt8] = []
        for text in texts {
            content += text.utf8
            guard let end = Int32(exactly: content.count) else { return false }
            offsets.append(end)
        }
        nodes.append((texts.count, 0))
        buffer([] as [UInt8])
        buffer(offsets)
        buffer(content)
        return true
    }

    /// Their memory is what Arrow stores: little-endian, without gaps.
    private mutating func add(_ numbers: [some BitwiseCopyable], validity: [UInt8]?, nulls: Int) {
        nodes.append((numbers.count, nulls))
        buffer(validity ?? [])
        buffer(numbers)
    }

    private mutating func buffer(_ numbers: [some BitwiseCopyable]) {
        numbers.withUnsafeBytes { buffer($0) }
    }

    private mutating func buffer(_ plain: UnsafeRawBufferPointer) {
        let start = bytes.count
        if let zstd, plain.count > 0 {
            // Eight bytes say how long it was; −1: it wouldn't have got shorter.
            let room = Zstd.bound(plain.count)
            let packed = [UInt8](unsafeUninitializedCapacity: room) { target, filled in
                filled = zstd.compress(plain, into: UnsafeMutableRawBufferPointer(target), level: Self.level) ?? room
            }
            let isShorter = packed.count < plain.count
            bytes.append(littleEndian: Int64(isShorter ? plain.count : -1))
            if isShorter { bytes += packed } else { bytes.append(raw: plain) }
        } else {
            bytes.append(raw: plain)
        }
        buffers.append(start..<bytes.count)
        let rest = bytes.count % Self.alignment
        if rest > 0 { bytes += repeatElement(0, count: Self.alignment - rest) }
    }
}
