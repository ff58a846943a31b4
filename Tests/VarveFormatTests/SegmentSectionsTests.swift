import Testing
import VarveFiles
import VarveTestSupport

@testable import VarveFormat

/// Shows that every part of a segment and of a manifest comes back as it was written, from random content; and that
/// damaged content throws or parses to something within its limits, whatever bit is wrong and wherever it ends: no
/// checksum protects the parsers here.
struct SegmentSectionsTests {
    private let codec = ColumnCodec()

    @Test func roundTrips() {
        withSeeds(0..<25) { _, random in
            let sample = Sample(&random)
            for part in sample.parts(codec) { try part.parse(part.bytes.span.bytes, codec) }
        }
    }

    @Test func damageNeverTraps() {
        withSeeds(0..<2) { seed, random in
            let sample = Sample(&random, runs: 4)
            for part in sample.parts(codec) {
                for length in 0..<part.bytes.count {
                    var isRead = true
                    do { try part.parse(part.bytes.span.bytes.extracting(0..<length), codec) } catch { isRead = false }
                    try require(!isRead, "\(part.name) of \(part.bytes.count) bytes was read from \(length)")
                }
                // Each bit of short parts, one of each byte of long ones.
                for bit in 0..<(part.bytes.count * 8) where part.bytes.count < 100 || random.next() % 8 == 0 {
                    var bytes = part.bytes
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                    // What it says may be wrong then; a checksum is what tells. That it returns at all is shown here.
                    do {
                        try part.parse(bytes.span.bytes, codec)
                    } catch is FormatError {
                    } catch is Unmet {}
                }
            }
        }
    }

    /// With checksums every flip is found, wherever it is.
    @Test func checksumsFindEveryFlip() {
        withSeeds(0..<1) { _, random in
            let sample = Sample(&random)
            var chunk: [UInt8] = Array("a chunk at some place".utf8)
            CheckedBytes.append(to: &chunk, at: 4_096)
            _ = try CheckedBytes.content(of: chunk.span.bytes, at: 4_096)
            #expect(throws: FormatError.self) { try Self.read(chunk, at: 4_104) }
            let whole: [(String, [UInt8], ([UInt8]) throws -> Void)] = [
                ("chunk", chunk, { try Self.read($0, at: 4_096) }),
                ("header", sample.header.bytes(), { _ = try SegmentHeader(parsing: $0.span.bytes) }),
                (
                    "trailer", sample.trailer.bytes(),
                    { _ = try SegmentTrailer(parsing: $0.span.bytes, fileSize: 1 << 20) }
                ),
                ("manifest", sample.manifest.bytes(), { _ = try Manifest(parsing: $0.span.bytes) }),
            ]
            for (name, bytes, parse) in whole {
                try parse(bytes)
                for bit in 0..<(bytes.count * 8) {
                    var damaged = bytes
                    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                    var isRead = true
                    do { try parse(damaged) } catch is FormatError { isRead = false }
                    try require(!isRead, "\(name) was read with bit \(bit) flipped")
                }
            }
        }
    }

    private static func read(_ chunk: [UInt8], at offset: Int) throws {
        _ = try CheckedBytes.content(of: chunk.span.bytes, at: offset)
    }

    @Test func manifestNames() {
        #expect(Manifest.fileName(42) == "00000000000000000042.manifest")
        #expect(Manifest.number(of: Manifest.fileName(.max)) == .max)
        for name in ["42.manifest", "0000000000000000004x.manifest", "99999999999999999999.manifest", ".lease"] {
            #expect(Manifest.number(of: name) == nil)
        }
    }
}

/// Random content of a segment.
private struct Sample {
    var runs: [UniqueID]
    var coverage: [CoverageRow] = []
    var properties: [StoredPropertyColumn] = []
    var metrics: MetricsSection
    var pages: [PageEntry] = []
    var slices = SliceTable()
    var slicePage = PageEntry()
    var summaries = PageSummaries()
    var axes = AxisTable()
    var axisPage = PageEntry()
    var header: SegmentHeader
    var trailer: SegmentTrailer
    var manifest: Manifest
    private let axisCount = 1_000

    /// One encoded part, and how to parse it and compare the result.
    struct Part {
        var name: String
        var bytes: [UInt8]
        var parse: (RawSpan, ColumnCodec) throws -> Void
    }

    init(_ random: inout SplitMix64, runs most: Int = 40) {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        runs = (0..<number(1...most)).map { UniqueID(high: UInt64($0 + 1), low: random.next()) }
        for run in runs + [.zero] {
            var begin = BeginFrame()
            begin.repository = UniqueID(high: 3, low: 4)
            begin.run = run
            begin.n = UInt32.random(in: 1...9, using: &random)
            begin.salt = random.next()
            begin.attempt = UInt32.random(in: 0...3, using: &random)
            begin.rank = Bool.random(using: &random) ? nil : UInt32.random(in: 0...7, using: &random)
            begin.created = Int64(bitPattern: random.next())
            begin.durability = [.logOnly, .mapped, .buffered][number(0...2)]
            if Bool.random(using: &random) { begin.rewind = .step(Int64(bitPattern: random.next())) }
            if Bool.random(using: &random) {
                begin.fork = BeginFrame.ForkSource(run: UniqueID(high: 1, low: random.next()), attempt: 1, step: -4)
            }
            if number(0...3) == 0 {
                begin.sealOf = BeginFrame.SealSource(n: 1, salt: random.next(), size: random.next())
            }
            let first = UInt64(number(0...1_000))
            var row = CoverageRow(begin: begin, sequences: first..<(first + 100), offsets: first..<(first + 5_000))
            if Bool.random(using: &random) {
                row.endState = EndFrame.State(rawValue: UInt8(number(0...4)))
                row.endTime = 77
            }
            row.lostPoints = UInt64(number(0...3))
            row.points = UInt64(number(0...100))
            if run == .zero { row.name = "edit-é.vlog" }
            coverage.append(row)
        }
        let values: [PropertyValue] = [
            .absent, .null, .bool(true), .int(-5), .double(.nan), .string("é"), .json("[1]"), .string(""),
        ]
        for key in ["note", "params.lr", "ä"] {
            var column = StoredPropertyColumn(key: key)
            for run in runs.indices where Bool.random(using: &random) {
                column.append(
                    run: UInt32(run), revision: random.next(), time: Int64(bitPattern: random.next()),
                    file: UInt32(number(0...(coverage.count - 1))), value: values[number(0...(values.count - 1))])
            }
            properties.append(column)
        }
        metrics = MetricsSection(axisPages: 1, axes: axisCount, metrics: [])
        for i in 0..<number(0...9) {
            metrics.metrics.append(
                SegmentMetric(
                    metric: MetricKey("m\(i)", context: ["k": "v", "r": "\(i)"]), types: ValueTypes(rawValue: 5),
                    runs: number(1...40), pages: 2, firstPage: metrics.pages, points: number(1...1_000)))
        }
        var offset = 64
        for i in 0..<metrics.pages {
            var page = PageEntry()
            page.offset = offset
            page.slicesBytes = number(9...100)
            page.valuesBytes = number(0...100)
            page.slices = i == 0 ? axisCount : number(1...50)
            page.points = page.slices + number(0...1_000)
            page.lastRun = number(0...(runs.count - 1))
            page.firstRun = number(0...page.lastRun)
            page.minValue = Double.random(in: -1...1, using: &random)
            page.maxValue = page.minValue + 1
            page.nan = number(0...page.points)
            page.minStep = Int64(number(-9...9))
            page.maxStep = page.minStep + 3
            pages.append(page)
            offset += 208
        }
        for run in runs.indices {
            let count =
                number(0...3) == 0 ? number(256...300) : number(0...9) == 0 ? number(2_048...3_100) : number(1...20)
            slices.append(
                run: run, file: number(0...(coverage.count - 1)), axis: number(0...(axisCount - 1)),
                start: number(0...1_000), count: count, flags: SliceFlags(rawValue: UInt8(number(0...23))))
            let minStep = Int64(bitPattern: random.next() >> 2)
            let spacing = Int64(number(0...3))
            axes.append(
                run: run, file: number(0...(coverage.count - 1)), count: count,
                isAscending: spacing > 0 || Bool.random(using: &random), minStep: minStep,
                maxStep: minStep + (spacing > 0 ? spacing * Int64(count - 1) : 9), spacing: spacing)
            if count >= FormatConstants.summaryThreshold {
                var values = (0..<count).map { _ in random.next() }
                values[0] = Double.infinity.bitPattern
                _ = summaries.append(values.span)
            }
        }
        slicePage.slices = slices.count
        slicePage.points = slices.counts.reduce(0) { $0 + Int($1) }
        slicePage.lastRun = runs.count - 1
        axisPage = slicePage
        header = SegmentHeader(id: UniqueID(high: random.next(), low: 1), repository: .zero, created: -1)
        let place = SegmentTrailer.Section(offset: 600, bytes: 900)
        trailer = SegmentTrailer(metrics: place, pages: place, runs: place, coverage: place, properties: place)
        manifest = Manifest(repository: UniqueID(high: 1, low: 2), number: 9, created: 5, isComplete: true)
        for _ in 0..<3 {
            manifest.segments.append(
                ManifestEntry(
                    id: UniqueID(high: random.next(), low: 4), size: 5_000, sectionsOffset: 4_000,
                    sectionsHash: random.next(), points: random.next(), runs: 7, tier: 2, firstRunSeconds: 1,
                    lastRunSeconds: .max))
        }
    }

    func parts(_ codec: ColumnCodec) -> [Part] {
        func part<Value: Equatable>(
            _ name: String, _ bytes: [UInt8], _ value: Value, _ parse: @escaping (RawSpan, ColumnCodec) throws -> Value
        ) -> Part {
            Part(name: name, bytes: bytes) { span, codec in
                let parsed = try parse(span, codec)
                // Through its text: NaN isn't equal to itself.
                try require(parsed == value || "\(parsed)" == "\(value)", "\(name) is \(parsed), not \(value)")
            }
        }
        let limits = SegmentLimits(runs: runs.count, files: runs.count + 1, axes: axisCount)
        let repository = UniqueID(high: 3, low: 4)
        let axisSummaries = axes.summaryBytes(codec: codec)
        return [
            part("runs", RunsSection.bytes(runs), runs) { span, _ in try RunsSection.parse(span) },
            part("coverage", CoverageSection.bytes(coverage, runs: runs, codec: codec), coverage) { span, codec in
                Array(try CoverageSection.parse(span, runs: runs, repository: repository, codec: codec))
            },
            part("properties", PropertiesSection.bytes(properties, codec: codec), properties) { span, codec in
                try PropertiesSection.parse(span, runs: runs.count, files: runs.count + 1, codec: codec)
            },
            part("metrics", metrics.bytes(zstd: codec.zstd), metrics) { span, codec in
                try MetricsSection(parsing: span, zstd: codec.zstd)
            },
            part("pages", PagesSection.bytes(pages), pages) { span, _ in
                try PagesSection.parse(span, before: 1 << 20, runs: runs.count, metrics: metrics)
            },
            part("slices", slices.bytes(codec: codec), slices) { span, codec in
                try SliceTable(parsing: span, page: slicePage, limits: limits, codec: codec)
            },
            part("summaries", summaries.bytes(codec: codec), summaries) { span, codec in
                try PageSummaries(parsing: span, slices: slices, codec: codec)
            },
            part("axes", axes.bytes(codec: codec), axes) { span, codec in
                try AxisTable(
                    parsing: span, summaries: axisSummaries.span.bytes, page: axisPage, limits: limits, codec: codec)
            },
            part("header", header.bytes(), header) { span, _ in try SegmentHeader(parsing: span) },
            part("trailer", trailer.bytes(), trailer) { span, _ in try SegmentTrailer(parsing: span, fileSize: 1 << 20)
            },
            part("manifest", manifest.bytes(), manifest) { span, _ in try Manifest(parsing: span) },
        ]
    }
}
