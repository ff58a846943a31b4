import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows that a damaged segment throws or reads as it was: every bit of a small one is flipped, and it is cut at every
/// byte. Then the same with checksums that fit, as somebody malicious would make them: reading and merging end without
/// a trap.
struct IndexDamageTests {
    private let path = "/segment"
    private let fileSystem = SimulatedFileSystem(seed: 1)
    private let whole: [UInt8]
    private let entry: ManifestEntry
    private let truth: String

    init() throws {
        var model = try CampaignModel(seed: 12)
        for i in 0..<2 {
            let file = model.begin(run: UniqueID(milliseconds: UInt64(i) * 1_000, random: (1, 2)), n: 1)
            model.update(file) { fixture in
                fixture.define([MetricKey("loss"), MetricKey("acc")])
                fixture.append(Self.rows)
                fixture.append([PropertyEntry(run: nil, key: "note", revision: 1, time: 5, value: .string("é"))])
                fixture.end()
            }
        }
        try model.flush()
        _ = try model.compactor.runOnce()
        let index = try model.index()
        let segment = try #require(index.segments.first)
        whole = try #require(model.fileSystem.content(segment.path))
        entry = try #require(index.entries.first)
        try fileSystem.open(path, .createNew).close()
        truth = try Self.read(segment)
    }

    private static var rows: [(series: Int, step: Int64, time: Int64, value: UInt64)] {
        var rows: [(series: Int, step: Int64, time: Int64, value: UInt64)] = []
        for i in 0..<20 {
            rows.append((series: i % 2, step: Int64(i / 2), time: i % 7 == 0 ? 1 : 2, value: UInt64(1) << UInt64(i)))
        }
        return rows
    }

    /// Everything that a segment says, as text.
    private static func read(_ segment: SegmentReader) throws -> String {
        let codec = ColumnCodec()
        let cursor = SegmentCursor(segment, codec: codec)
        var text = "\(segment.runs) \(segment.coverage) \(try segment.properties(codec: codec))"
        for (position, metric) in segment.metrics.metrics.enumerated() {
            text += "\(metric)"
            var slices = SliceIterator(cursor, metric: position)
            while let slice = try slices.next() {
                var (steps, times, values): ([Int64], [Int64], [UInt64]) = ([], [], [])
                try cursor.appendSteps(of: slice, to: &steps)
                try cursor.appendTimes(of: slice, to: &times)
                try cursor.appendValues(of: slice, to: &values)
                text += "\(slice) \(steps) \(times) \(values) \(try cursor.summary(of: slice) as Any)"
            }
        }
        return text
    }

    private func open(_ bytes: [UInt8], entry: ManifestEntry?) throws -> SegmentReader {
        try #require(fileSystem.replace(path, with: bytes), "somebody has it open")
        return try SegmentReader(fileSystem, path: path, entry: entry, codec: ColumnCodec())
    }

    @Test func everyFlippedBit() throws {
        #expect(try Self.read(open(whole, entry: nil)) == truth)
        withEvery("bit", in: 0..<(whole.count * 8)) { bit in
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            // Through the manifest and bare by turns: a page is read in both ways.
            let found = try? Self.read(open(bytes, entry: bit % 2 == 0 ? entry : nil))
            try require(found == nil || found == truth, "the segment reads otherwise")
        }
    }

    @Test func everyLength() throws {
        withEvery("length", in: 0..<whole.count) { length in
            for entry in [entry, nil] {
                let found = try? open(Array(whole[..<length]), entry: entry)
                try require(found == nil, "the segment opens")
            }
        }
    }

    @Test func hostileContent() throws {
        var parts: [Range<Int>] = []
        // The reader must be gone before the file can be replaced.
        for page in try open(whole, entry: nil).pages {
            var start = page.offset
            for length in [page.slicesBytes, page.summariesBytes, page.timesBytes, page.valuesBytes] where length > 0 {
                parts.append(start..<(start + length))
                start += length
            }
        }
        let end = whole.count - FormatConstants.trailerBytes
        let last = Array(whole[end...])
        let trailer = try SegmentTrailer(parsing: last.span.bytes, fileSize: whole.count)
        parts += trailer.sections.map(\.range)
        var random = SplitMix64(seed: 3)
        var outcomes = (read: 0, refused: 0)
        for part in parts {
            for at in part.dropLast(CheckedBytes.checksumBytes) {
                var content = Array(whole[part.dropLast(CheckedBytes.checksumBytes)])
                content[at - part.lowerBound] ^= 1 << UInt8(random.next() % 8)
                CheckedBytes.append(to: &content, at: part.lowerBound)
                var bytes = whole
                bytes.replaceSubrange(part, with: content)
                do {
                    let hostile = try open(bytes, entry: nil)
                    _ = try Self.read(hostile)
                    try merge([hostile])
                    outcomes.read += 1
                } catch is VarveError {
                    outcomes.refused += 1
                }
            }
        }
        #expect(outcomes.read > 0 && outcomes.refused > 0)
    }

    private func merge(_ segments: [SegmentReader]) throws {
        let target = try fileSystem.open("/merged", .createNew)
        defer {
            target.close()
            try? fileSystem.unlink("/merged")
        }
        let codec = ColumnCodec()
        let merger = try SegmentMerger(segments, codec: codec) { _, _ in true }
        _ = try merger.write(
            to: target, header: SegmentHeader(id: .zero, repository: .zero, created: 0), tier: 1
        ) { true }
    }
}
