import VarveFiles
import VarveFormat

/// An open segment: its sections are parsed and checked, its pages are read by a ``SegmentCursor``.
///
/// Immutable, so it may be shared between threads. The file stays open, and so readable after it was unlinked, as long
/// as
/// this object lives. Chunks are read with `pread` and never mapped.
package final class SegmentReader: Sendable {
    package let header: SegmentHeader
    /// Ascending; slices name them by row.
    package let runs: [UniqueID]
    /// In the order of files within the segment; slices name them by row.
    package let coverage: CoverageTable
    package let metrics: MetricsSection
    package let pages: [PageEntry]
    /// Bytes of the file.
    package let size: Int
    /// For each row of the coverage its row of `runs`; −1: of several runs.
    let runsOfFiles: [Int]
    let limits: SegmentLimits
    private let trailer: SegmentTrailer
    private let file: any OpenFile

    package var id: UniqueID { header.id }
    package var path: String { file.path }

    /// Opens a segment that a manifest names.
    package convenience init(
        _ fileSystem: any FileSystem, directory: String, entry: ManifestEntry, codec: ColumnCodec
    ) throws(VarveError) {
        try self.init(fileSystem, path: Paths.join(directory, entry.fileName), entry: entry, codec: codec)
    }

    /// Opens a segment, through its trailer alone unless there is an entry of a manifest.
    package init(
        _ fileSystem: any FileSystem, path: String, entry: ManifestEntry? = nil, codec: ColumnCodec
    ) throws(VarveError) {
        let file = try filesystem { () throws(FileError) in try fileSystem.open(path, .read) }
        do throws(VarveError) {
            let tail = try SegmentTail(file, entry: entry)
            header = tail.header
            trailer = tail.trailer
            size = tail.size
            let zstd = codec.zstd
            let metrics = try tail.parse(trailer.metrics, in: path) { bytes throws(FormatError) in
                try MetricsSection(parsing: bytes, zstd: zstd)
            }
            let runs = try tail.parse(trailer.runs, in: path) { bytes throws(FormatError) in
                try RunsSection.parse(bytes)
            }
            let end = trailer.sectionsOffset
            pages = try tail.parse(trailer.pages, in: path) { bytes throws(FormatError) in
                try PagesSection.parse(bytes, before: end, runs: runs.count, metrics: metrics)
            }
            let repository = header.repository
            let coverage = try tail.parse(trailer.coverage, in: path) { bytes throws(FormatError) in
                try CoverageSection.parse(bytes, runs: runs, repository: repository, codec: codec)
            }
            runsOfFiles = (0..<coverage.count).map { coverage.runRow($0) }
            limits = SegmentLimits(runs: runs.count, files: coverage.count, axes: metrics.axes)
            self.metrics = metrics
            self.runs = runs
            self.coverage = coverage
            self.file = file
        } catch {
            file.close()
            throw error
        }
    }

    deinit { file.close() }

    /// The properties of the runs, decoded anew with each call.
    package func properties(codec: ColumnCodec) throws(VarveError) -> [StoredPropertyColumn] {
        guard trailer.properties.bytes > 0 else { return [] }
        let bytes = try read(trailer.properties.range)
        let (runs, files) = (limits.runs, limits.files)
        return try formatted(path, at: trailer.properties.offset) { () throws(FormatError) in
            let content = try CheckedBytes.content(of: bytes.span.bytes, at: trailer.properties.offset)
            return try PropertiesSection.parse(content, runs: runs, files: files, codec: codec)
        }
    }

    /// Stored bytes of the properties section.
    var propertiesBytes: Int { trailer.properties.bytes }

    /// The row of a run, by binary search.
    package func row(of run: UniqueID) -> Int? {
        // Segments mostly hold runs of a time of their own, and a run is asked of each.
        guard let first = runs.first, let last = runs.last, first <= run, run <= last else { return nil }
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle] < run { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low] == run ? low : nil
    }

    /// The pages of axes, by the metrics whose axes they are; nil: of any.
    var lanes: [(metric: MetricKey?, pages: Range<Int>)] {
        var lanes: [(metric: MetricKey?, pages: Range<Int>)] = []
        var start = 0
        for page in 0..<metrics.axisPages {
            if page + 1 < metrics.axisPages, pages[page + 1].lane == pages[start].lane { continue }
            // The directory was checked to name metrics that are there.
            let lane = pages[start].lane
            lanes.append((lane == 0 ? nil : metrics.metrics[lane - 1].metric, start..<(page + 1)))
            start = page + 1
        }
        return lanes
    }

    /// The page of axes in which an axis stands; the axis is one of the segment.
    package func page(ofAxis axis: Int) -> Int {
        var low = 0
        var high = metrics.axisPages
        while low + 1 < high {
            let middle = (low + high) / 2
            if pages[middle].firstAxis <= axis { low = middle } else { high = middle }
        }
        return low
    }

    /// The bytes of a range, all of them.
    func read(_ range: Range<Int>) throws(VarveError) -> [UInt8] {
        let bytes = try filesystem { () throws(FileError) in try file.read(upTo: range.count, at: range.lowerBound) }
        try demandWhole(range, read: bytes.count)
        return bytes
    }

    /// Fills `buffer` with the bytes of a range.
    func read(_ range: Range<Int>, into buffer: inout [UInt8]) throws(VarveError) {
        if buffer.count > range.count {
            buffer.removeLast(buffer.count - range.count)
        } else {
            buffer.append(contentsOf: repeatElement(0, count: range.count - buffer.count))
        }
        var failure: FileError?
        let count = buffer.withUnsafeMutableBytes { target -> Int in
            do throws(FileError) { return try file.read(into: target, at: range.lowerBound) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw VarveError(failure) }
        try demandWhole(range, read: count)
    }

    private func demandWhole(_ range: Range<Int>, read: Int) throws(VarveError) {
        guard read == range.count else {
            throw VarveError(
                FormatError(
                    .truncated, at: range.lowerBound, expected: "\(range.count) bytes", found: "\(read)", file: path))
        }
    }
}

extension SegmentReader {
    /// Proves that each file of these rows is one of the run beside it.
    func demandOwners(_ runs: [UInt32], _ files: [UInt32]) throws(FormatError) {
        for i in runs.indices where runsOfFiles[Int(files[i])] != Int(runs[i]) {
            throw FormatError(.corrupt, at: 0, expected: "a file of run \(runs[i])", found: "file \(files[i])")
        }
    }
}
