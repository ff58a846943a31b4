import VarveFormat

/// The sections and chunks of a segment, each by its own parser: what is valid lies within the limits that stand beside it.
///
/// The first byte names the part; the next five are what the directory says of it: runs, files, slices, points (two bytes).
struct SegmentSections: FuzzTarget {
    private let codec = ColumnCodec()

    /// In the order of the first byte.
    private enum Part: Int, CaseIterable {
        case metrics, pages, runs, coverage, properties, slices, axes, summaries, header, trailer
    }

    static func seeds() throws -> [[UInt8]] {
        let world = try FuzzRepository(points: 300)
        let (_, path) = try world.compacted()
        let bytes = world.fileSystem.content(path) ?? []
        let end = bytes.count - FormatConstants.trailerBytes
        let trailer = try SegmentTrailer(parsing: Array(bytes[end...]).span.bytes, fileSize: bytes.count)
        func content(_ range: Range<Int>) -> [UInt8] { Array(bytes[range].dropLast(CheckedBytes.checksumBytes)) }
        func seed(_ part: Part, _ content: [UInt8], slices: Int = 0, points: Int = 0) -> [UInt8] {
            [UInt8(part.rawValue), 1, 1, UInt8(slices), UInt8(points & 0xFF), UInt8(points >> 8)] + content
        }
        var seeds = zip([Part.metrics, .pages, .runs, .coverage, .properties], trailer.sections).map {
            seed($0, content($1.range))
        }
        seeds.append(seed(.header, Array(bytes[..<FormatConstants.segmentHeaderBytes])))
        seeds.append(seed(.trailer, Array(bytes[end...])))
        let codec = ColumnCodec()
        let metrics = try MetricsSection(parsing: content(trailer.metrics.range).span.bytes, zstd: codec.zstd)
        let pages = try PagesSection.parse(
            content(trailer.pages.range).span.bytes, before: trailer.sectionsOffset, runs: 1, metrics: metrics)
        for (number, page) in pages.enumerated() {
            let slices = content(page.offset..<page.offset + page.slicesBytes)
            let summaries = page.summariesBytes == 0 ? [] : content(page.summariesOffset..<page.timesOffset)
            if number < metrics.axisPages {
                let lengths = [UInt8(slices.count & 0xFF), UInt8(slices.count >> 8)]
                seeds.append(seed(.axes, lengths + slices + summaries, slices: page.slices, points: page.points))
            } else {
                seeds.append(seed(.slices, slices, slices: page.slices, points: page.points))
                if !summaries.isEmpty { seeds.append(seed(.summaries, summaries, slices: 1, points: page.points)) }
            }
        }
        return seeds
    }

    func feed(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        guard let part = Part(rawValue: reader.choice(Part.allCases.count)) else { return }
        let runs = 1 + Int(reader.byte())
        let limits = SegmentLimits(runs: runs, files: 1 + Int(reader.byte()), axes: 1_000)
        var page = PageEntry()
        page.slices = 1 + reader.choice(64)
        page.points = max(page.slices, reader.word())
        page.lastRun = runs - 1
        do throws(FormatError) {
            try parse(part, reader.remainder(), page, limits)
        } catch {
            if error.kind == .unsupported, error.expected == Self.promise { throw Broken(description: error.found) }
        }
    }

    private static let promise = "what a parser promises"

    private func promise(_ condition: Bool, _ message: @autoclosure () -> String) throws(FormatError) {
        if !condition { throw FormatError(.unsupported, at: 0, expected: Self.promise, found: message()) }
    }

    private func parse(
        _ part: Part, _ bytes: [UInt8], _ page: PageEntry, _ limits: SegmentLimits
    ) throws(FormatError) {
        let span = bytes.span.bytes
        switch part {
        case .metrics:
            let section = try MetricsSection(parsing: span, zstd: codec.zstd)
            for (a, b) in zip(section.metrics, section.metrics.dropFirst()) {
                try promise(a.pageRange.upperBound == b.pageRange.lowerBound, "\(a) before \(b)")
            }
        case .pages:
            var metrics = MetricsSection(axisPages: 0, axes: 0, metrics: [])
            let count = bytes.count / FormatConstants.pageEntryBytes
            metrics.metrics = [
                SegmentMetric(
                    metric: MetricKey("m"), types: ValueTypes(rawValue: 1), runs: 1, pages: count, firstPage: 0,
                    points: 1)
            ]
            for entry in try PagesSection.parse(span, before: 1 << 20, runs: limits.runs, metrics: metrics) {
                try promise(
                    entry.offset + entry.bytes <= 1 << 20 && entry.lastRun < limits.runs
                        && entry.firstRun <= entry.lastRun && entry.points <= FormatConstants.maxPagePoints, "\(entry)")
            }
        case .runs:
            let runs = try RunsSection.parse(span)
            try promise(zip(runs, runs.dropFirst()).allSatisfy { $0 < $1 }, "\(runs)")
        case .coverage:
            let runs = (0..<limits.runs).map { UniqueID(high: UInt64($0) + 1, low: 0) }
            let table = try CoverageSection.parse(span, runs: runs, repository: .zero, codec: codec)
            for row in table { try promise(row.begin.run == .zero || runs.contains(row.begin.run), "\(row)") }
        case .properties:
            let columns = try PropertiesSection.parse(span, runs: limits.runs, files: limits.files, codec: codec)
            for column in columns {
                for row in 0..<column.count {
                    _ = column.value(at: row)
                    try promise(column.runs[row] < limits.runs && column.files[row] < limits.files, "\(column)")
                }
            }
        case .slices: _ = try SliceTable(parsing: span, page: page, limits: limits, codec: codec)
        case .axes:
            let length = bytes.count < 2 ? 0 : min(bytes.count - 2, Int(bytes[0]) | Int(bytes[1]) << 8)
            guard bytes.count >= 2 else { return }
            _ = try AxisTable(
                parsing: span.extracting(2..<(2 + length)), summaries: span.extracting((2 + length)...), page: page,
                limits: limits, codec: codec)
        case .summaries:
            var table = SliceTable()
            for _ in 0..<page.slices {
                table.append(
                    run: 0, file: 0, axis: 0, start: 0, count: min(FormatConstants.axisPoints, page.points), flags: [])
            }
            let summaries = try PageSummaries(parsing: span, slices: table, codec: codec)
            try promise(
                summaries.slices.allSatisfy { $0.minPosition < page.points && $0.maxPosition < page.points },
                "\(summaries)")
        case .header: _ = try SegmentHeader(parsing: span)
        case .trailer:
            let trailer = try SegmentTrailer(parsing: span, fileSize: 1 << 20)
            try promise(trailer.sections.allSatisfy { $0.range.upperBound <= 1 << 20 }, "\(trailer)")
        }
    }
}
