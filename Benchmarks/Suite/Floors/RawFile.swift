import VarveFiles
import VarveFormat

/// A workload's columns as plain 64-bit words in one mapped file, by metric, then by run: steps, times, values.
///
/// What reading costs where nothing is stored but the words themselves, at 24 bytes a point.
final class RawFile {
    private let workload: Workload
    private let file: any OpenFile
    private let region: any MappedRegion
    private let blockBytes: Int

    init(_ path: String, _ workload: Workload) throws {
        self.workload = workload
        blockBytes = workload.pointsPerSeries * 24
        file = try RealFileSystem().open(path, .createNew)
        try file.allocate(workload.series * blockBytes)
        region = try file.map(workload.series * blockBytes)
    }

    deinit {
        region.unmap()
        file.close()
    }

    private func offset(metric: Int, run: Int) -> Int { (metric * workload.runs + run) * blockBytes }

    func write(_ columns: RunColumns, run: Int) throws {
        for (m, shape) in workload.metrics.enumerated() {
            var at = offset(metric: m, run: run)
            for column in [columns.steps[shape.spacing.rawValue], columns.times[shape.spacing.rawValue]] {
                try column.withUnsafeBytes { try file.write($0, at: at) }
                at += column.count * 8
            }
            try columns.values[m].withUnsafeBytes { try file.write($0, at: at) }
        }
    }

    /// All bytes of some metrics.
    func bytes(metrics: Range<Int>) -> UnsafeRawBufferPointer {
        let start = offset(metric: metrics.lowerBound, run: 0)
        let end = offset(metric: metrics.upperBound, run: 0)
        return UnsafeRawBufferPointer(start: region.base + start, count: end - start)
    }

    /// All bytes.
    var bytes: UnsafeRawBufferPointer { bytes(metrics: 0..<workload.metrics.count) }

    /// The bytes of one series.
    func bytes(metric: Int, run: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: region.base + offset(metric: metric, run: run), count: blockBytes)
    }
}

/// What the machine needs for plain bytes.
enum BytesFloor {
    /// Copies a source to a buffer, block by block, and sums the words up, as the reader's user does. Returns nanoseconds.
    static func copy(_ source: UnsafeRawBufferPointer, block: Int = 1 << 18) -> Double {
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: min(block, source.count), alignment: 64)
        defer { target.deallocate() }
        var sum: UInt64 = 0
        let elapsed = Stopwatch.measure {
            var at = 0
            while at < source.count {
                let part = UnsafeRawBufferPointer(rebasing: source[at..<min(at + target.count, source.count)])
                target.copyMemory(from: part)
                sum &+= WordSum.sum(UnsafeRawBufferPointer(rebasing: target[..<part.count]))
                at += part.count
            }
        }
        keep(sum)
        return elapsed.wall
    }

    /// zstd alone, level 3, in blocks of 128 KiB.
    struct Compression {
        var storedBytes = 0
        /// Nanoseconds of processor time.
        var compress = 0.0
        var decompress = 0.0
    }

    /// Compresses a source, and decompresses it again.
    static func zstd(_ source: UnsafeRawBufferPointer) throws -> Compression {
        let zstd = Zstd()
        var result = Compression()
        var plain = [UInt8](repeating: 0, count: 128 << 10)
        var at = 0
        while at < source.count {
            let part = UnsafeRawBufferPointer(rebasing: source[at..<min(at + plain.count, source.count)])
            at += part.count
            var stored: [UInt8]?
            result.compress += Stopwatch.measure { stored = zstd.compress(part, level: 3) }.wall
            guard let stored else {
                result.storedBytes += part.count
                continue
            }
            result.storedBytes += stored.count
            result.decompress += try Stopwatch.measure {
                try plain.withUnsafeMutableBytes { target in
                    try zstd.decompress(
                        stored.span.bytes, into: UnsafeMutableRawBufferPointer(rebasing: target[..<part.count]))
                }
            }.wall
            keep(UInt64(plain[0]))
        }
        return result
    }
}
