import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows how often the compactor writes what it indexes: a campaign whose runs arrive one by one, compacted as writers do it in
/// passing, is written a few times over and no more, and no merge is begun that has no time to end.
struct AmplificationTests {
    /// Of 704 runs the index is written at most three times: in segments of 64 runs, and in one of 512. Bytes, not points: small
    /// segments cost more a point. Each report is of what came to stand in the folder.
    @Test func runsThatArriveOneByOne() throws {
        var model = try CampaignModel(seed: 3)
        var written = 0
        var known: Set<String> = []
        for run in 0..<704 {
            let id = UniqueID(milliseconds: UInt64(run) * 60_000, random: (UInt64(run), 2))
            let file = model.begin(run: id, n: 1)
            model.update(file) { fixture in
                fixture.define([MetricKey("loss"), MetricKey("acc")])
                fixture.append(
                    (0..<80).map { i in
                        let noise = UInt64(run * 80 + i) &* 0x9E37_79B9_7F4A_7C15
                        let value = Double(Float(noise >> 40) / 16_777_216)
                        return (series: i % 2, step: Int64(i / 2), time: Int64(i / 2) * 1_000, value: value.bitPattern)
                    })
                fixture.end()
            }
            // In between there is nothing to do either.
            guard (run + 1) % 32 == 0 else { continue }
            try model.flush()
            let report = try model.compactor.runOnce(.inPassing)
            #expect(report.didWork == ((run + 1) % 64 == 0), "after run \(run)")
            written += report.bytes
            let names = try model.fileSystem.list(model.paths.index).filter { !$0.hasPrefix(".") }
            let fresh = names.filter { known.insert($0).inserted && ($0.hasSuffix("vseg") || $0.hasSuffix("manifest")) }
            let bytes = try fresh.reduce(0) { sum, name in
                sum + (try model.fileSystem.status(Paths.join(model.paths.index, name))?.size ?? 0)
            }
            #expect(report.bytes == bytes, "after run \(run)")
        }
        let index = try model.index()
        #expect(index.segments.map(\.runs.count).sorted() == [64, 64, 64, 512])
        let final = index.segments.reduce(0) { $0 + $1.size }
        #expect(written > final && written <= 3 * final, "\(written) bytes for an index of \(final)")
        try model.check(whole: true)
    }

    /// Where there isn't time for all that wait, those are merged for which there is; for fewer than a tier it isn't worth while.
    @Test func mergesThatFit() {
        let segments = (0..<20).map { i in
            ManifestEntry(
                id: UniqueID(high: 0, low: UInt64(i)), size: 100, sectionsOffset: 0, sectionsHash: 0, points: 1,
                runs: 1,
                tier: i < 10 ? 0 : 1, firstRunSeconds: UInt32(i), lastRunSeconds: UInt32(i))
        }
        #expect(MergePolicy.next(segments, width: 8)?.inputs.count == 10)
        #expect(MergePolicy.next(segments, width: 8, mostBytes: 950)?.inputs.map(\.firstRunSeconds) == Array(0..<9))
        #expect(MergePolicy.next(segments, width: 8, mostBytes: 799)?.tier == nil)
        #expect(MergePolicy.next(segments, width: 4, mostBytes: 799)?.inputs.count == 7)
        var large = segments
        for i in 0..<10 { large[i].size = 1_000 }
        #expect(MergePolicy.next(large, width: 8, mostBytes: 2_000)?.tier == 2)
    }
}
