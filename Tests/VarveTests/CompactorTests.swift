import Synchronization
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows the compactor's rules one by one, each on a small campaign in a simulated file system.
struct CompactorTests {
    private static func run(_ i: Int) -> UniqueID {
        UniqueID(milliseconds: UInt64(i) * 1_000, random: (UInt64(i), 9))
    }

    private static func rows(
        _ series: [Int], _ steps: Range<Int64>, time: Int64 = 0
    ) -> [(series: Int, step: Int64, time: Int64, value: UInt64)] {
        steps.flatMap { step in
            series.map { ($0, step, time + step * 1_000, (Double(step) * 0.37 + Double($0)).bitPattern) }
        }
    }

    /// A run with one file and these steps of two series.
    @discardableResult
    private static func add(_ i: Int, steps: Range<Int64>, to model: inout CampaignModel, ends: Bool = true) -> Int {
        let file = model.begin(run: run(i), n: 1)
        model.update(file) { fixture in
            fixture.define([MetricKey("loss"), MetricKey("acc")])
            fixture.append(rows([0, 1], steps))
            if ends { fixture.end() }
        }
        return file
    }

    /// Full pages go through merges as they are, and what lies between is made anew: all points stay what they are.
    @Test func mergesCopyFullPages() throws {
        var model = try CampaignModel(seed: 1)
        for i in 0..<5 {
            Self.add(i, steps: 0..<(i == 2 ? 20 : 9_000), to: &model)
            try model.flush()
            var options = CompactionOptions()
            options.mergeWidth = 5
            let report = try model.compactor.runOnce(options)
            #expect(report.merged == (i == 4 ? 5 : 0))
        }
        try model.check(whole: true)
        let segment = try #require(try model.index().segments.first)
        #expect(segment.pages[segment.metrics.metrics[0].pageRange].map(\.points) == [9_000, 9_000, 20, 9_000, 9_000])
        #expect(segment.metrics.metrics.map(\.runs) == [5, 5])
    }

    /// The metrics of a row share one axis, so do a series that was cut short and one that set in later.
    @Test func seriesShareAxes() throws {
        var model = try CampaignModel(seed: 2)
        let file = model.begin(run: Self.run(0), n: 1)
        model.update(file) { fixture in
            fixture.define(["a", "b", "cut", "late", "rare"].map { MetricKey($0) })
            fixture.append(Self.rows([0, 1], 0..<300))
            fixture.append(Self.rows([2], 0..<200))
            fixture.append(Self.rows([3], 100..<300, time: 5))
            fixture.append((0..<30).map { (4, $0 * 10, 0, 0) })
        }
        try model.flush()
        _ = try model.compactor.runOnce()
        try model.check(whole: true)
        #expect(try #require(try model.index().segments.first).metrics.axes == 2)
    }

    /// The axes of a metric stand side by side, those of metrics with few points run by run, and merges leave it so: a metric
    /// of all runs needs no page of another's axes.
    @Test func axesStandByMetric() throws {
        var model = try CampaignModel(seed: 21)
        var options = CompactionOptions()
        options.mergeWidth = 3
        for pass in 0..<3 {
            for i in 0..<15 {
                let file = model.begin(run: Self.run(3 * i + pass), n: 1)
                model.update(file) { fixture in
                    fixture.define(["every", "rare", "seventh", "shares"].map { MetricKey($0) })
                    fixture.append((0..<600).map { (0, $0 * $0, $0, 1) })
                    fixture.append((0..<20).map { (1, $0 * 100, $0, 2) })
                    fixture.append((0..<600).map { (2, $0 * 7, 5 * $0, 3) })
                    fixture.append((0..<600).map { (3, $0 * 7, 5 * $0, 4) })
                    fixture.end()
                }
            }
            try model.flush()
            let report = try model.compactor.runOnce(options)
            #expect(report.merged == (pass == 2 ? 3 : 0))
            for segment in try model.index().segments {
                #expect(segment.lanes.map(\.metric) == [MetricKey("every"), MetricKey("seventh"), nil])
                let cursor = SegmentCursor(segment, codec: ColumnCodec())
                for metric in segment.metrics.metrics {
                    let expected: MetricKey? =
                        switch metric.metric.name {
                        case "every": metric.metric
                        case "rare": nil
                        default: MetricKey("seventh")
                        }
                    let lane = segment.lanes.first { $0.metric == expected }
                    for page in metric.pageRange {
                        for axis in try cursor.slices(page: page).axes {
                            let found = segment.page(ofAxis: Int(axis))
                            #expect(lane?.pages.contains(found) == true, "\(metric.metric): page \(found)")
                        }
                    }
                }
            }
        }
        try model.check(whole: true)
        // 27,000 points of each of two lanes, and one page of what is rare.
        #expect(try #require(try model.index().segments.first).metrics.axisPages == 5)
    }

    /// A second compaction finds nothing to do, and writes nothing.
    @Test func nothingTwice() throws {
        var model = try CampaignModel(seed: 3)
        Self.add(0, steps: 0..<10, to: &model)
        try model.flush()
        #expect(try model.compactor.runOnce().points == 20)
        let again = try model.compactor.runOnce()
        #expect(!again.didWork && again.bytes == 0 && again.segments == 1)
    }

    /// Of a seal only the sequences count that no frame of its source holds; and not even these once the source has
    /// grown.
    @Test func sealsFillGaps() throws {
        var model = try CampaignModel(seed: 4)
        let source = Self.add(0, steps: 0..<10, to: &model, ends: false)
        let file = model.files[source]
        func seal(of size: Int) -> Int {
            let seal = model.begin(run: Self.run(0), n: 1) {
                $0.sealOf = BeginFrame.SealSource(n: 1, salt: file.begin.salt, size: UInt64(size))
            }
            model.update(seal) { fixture in
                fixture.define([MetricKey("loss"), MetricKey("acc")])
                fixture.sequence = 14
                fixture.append(Self.rows([0, 1], 100..<110), hasOrder: true)
                fixture.end(.killed)
            }
            return seal
        }
        let sealNumber = seal(of: file.bytes.count)
        try model.flush()
        _ = try model.compactor.runOnce()
        let index = try model.index()
        let found = try IndexContent(index).series
        // The source holds sequences 0 ..< 20, the seal 14 ..< 34.
        let expected = model.expected { fixture, point in fixture.begin.sealOf == nil || point.sequence >= 20 }
        #expect(found == expected)
        let covered = try #require(index.coverage[model.files[sealNumber].begin.identity])
        #expect(covered.endState == .killed && covered.points == 14)
        #expect(!covered.isOutgrown(sourceBytes: file.bytes.count))
        #expect(covered.isOutgrown(sourceBytes: file.bytes.count + 8))

        // The writer was alive after all: the seal's slices go with the next merge, and don't come back.
        model.update(source) { $0.append(Self.rows([0, 1], 10..<12)) }
        try model.flush()
        var options = CompactionOptions()
        options.mergeWidth = 2
        _ = try model.compactor.runOnce(options)
        let after = try model.index()
        #expect(after.coverage[model.files[sealNumber].begin.identity] == nil)
        #expect(try IndexContent(after).series == model.expected { fixture, _ in fixture.begin.sealOf == nil })
    }

    /// The newest value of a property counts, by revision, then by the name of its file, then by place; through merges
    /// too.
    @Test func newestPropertiesCount() throws {
        var model = try CampaignModel(seed: 5)
        func property(_ revision: UInt64, _ value: PropertyValue, run: UniqueID? = nil) -> [PropertyEntry] {
            [PropertyEntry(run: run, key: "note", revision: revision, time: 3, value: value)]
        }
        let first = Self.add(0, steps: 0..<5, to: &model, ends: false)
        model.update(first) { fixture in
            fixture.append(property(1, "old"))
            fixture.append(property(2, "first"))
            fixture.append(property(2, "second"))
        }
        Self.add(1, steps: 0..<5, to: &model)
        try model.flush()
        var options = CompactionOptions()
        options.mergeWidth = 2
        func note(_ i: Int) throws -> PropertyValue? {
            try IndexContent.properties(try model.index())[Self.run(i)]?["note"]
        }
        _ = try model.compactor.runOnce(options)
        #expect(try note(0) == "second")
        // An edit of several runs, one of which has no file: that doesn't make it exist.
        let edit = model.begin(run: .zero, n: 1)
        model.update(edit) { fixture in
            fixture.append(property(2, "edited", run: Self.run(0)))
            fixture.append(property(7, .int(-3), run: Self.run(8)))
            fixture.append(property(1, .absent, run: Self.run(1)))
        }
        try model.flush()
        #expect(try model.compactor.runOnce(options).merged == 2)
        #expect(try note(0) == "edited" && note(8) == .int(-3) && note(1) == .absent)
        let covered = try #require(try model.index().coverage[model.files[edit].begin.identity])
        #expect(covered.name == model.files[edit].name && covered.isClosed == false)
    }

    /// Two compactors at once: who comes second throws its work away, and everything is there once.
    @Test func overtaking() throws {
        var model = try CampaignModel(seed: 6)
        for i in 0..<3 { Self.add(i, steps: 0..<40, to: &model) }
        try model.flush()
        let compactor = model.compactor
        let reports = Mutex<[CompactionReport]>([])
        var options = CompactionOptions()
        options.buildPoints = 50
        options.progress = { _ in
            guard reports.withLock({ $0.isEmpty }), let report = try? compactor.runOnce() else { return }
            reports.withLock { $0.append(report) }
        }
        let report = try model.compactor.runOnce(options)
        let first = reports.withLock { $0.first }
        let other = try #require(first)
        #expect(report.built == 1 && report.points == 80 && other.points == 160)
        try model.check(whole: true)
        #expect(try model.fileSystem.list(model.paths.index).count { $0.hasSuffix(".vseg") } == 2)
    }

    /// A lease of a live process is respected by those that give way, and ignored by others; a dead one's by nobody.
    @Test func leases() throws {
        var model = try CampaignModel(seed: 7)
        Self.add(0, steps: 0..<5, to: &model)
        try model.flush()
        let other = SimulatedHost(model.host.machine)
        let environment = Environment(fileSystem: model.fileSystem, host: other, hasThreads: false)
        #expect(Lease(environment, index: model.paths.index).take(givesWay: true))
        var options = CompactionOptions()
        options.givesWay = true
        #expect(try !model.compactor.runOnce(options).didWork)
        other.die()
        #expect(try model.compactor.runOnce(options).didWork)
        #expect(try !model.fileSystem.list(model.paths.index).contains(".lease"))
    }

    /// What was replaced more than 10 minutes ago goes; what nobody names goes after a day; the rest stays.
    @Test func sweeping() throws {
        var model = try CampaignModel(seed: 8)
        var options = CompactionOptions()
        options.mergeWidth = 2
        let orphan = Paths.join(model.paths.index, "\(Self.run(77)).vseg")
        model.fileSystem.setTime(model.host.wallTime())
        try model.fileSystem.open(orphan, .createNew).close()
        try model.fileSystem.open(Paths.join(model.paths.index, ".half"), .createNew).close()
        func count(_ suffix: String) throws -> Int {
            try model.fileSystem.list(model.paths.index).count { $0.hasSuffix(suffix) }
        }
        for i in 0..<2 {
            Self.add(i, steps: 0..<5, to: &model)
            try model.flush()
            _ = try model.compactor.runOnce(options)
        }
        // Two built, one merged, one orphan; three manifests.
        #expect(try count(".vseg") == 4 && count(".manifest") == 3)
        model.host.machine.advance(599_000_000_000)
        _ = try model.compactor.runOnce(options)
        #expect(try count(".vseg") == 4 && count(".manifest") == 3)
        model.host.machine.advance(2_000_000_000)
        _ = try model.compactor.runOnce(options)
        #expect(try count(".vseg") == 2 && count(".manifest") == 1 && count(".half") == 1)
        model.host.machine.advance(86_400_000_000_000)
        _ = try model.compactor.runOnce(options)
        #expect(try count(".vseg") == 1 && count(".manifest") == 1 && count(".half") == 0)
        try model.check(whole: true)
    }

    /// The highest manifest that is valid and whole counts; a damaged segment costs a reading of its logs, and is
    /// replaced.
    @Test func damagedIndexHeals() throws {
        var model = try CampaignModel(seed: 9)
        Self.add(0, steps: 0..<5, to: &model)
        try model.flush()
        _ = try model.compactor.runOnce()
        Self.add(1, steps: 0..<5, to: &model)
        try model.flush()
        _ = try model.compactor.runOnce()
        func newest() throws -> String {
            let index = try model.index()
            return try #require(index.segments.last).path
        }
        #expect(try model.index().manifest?.number == 2)
        let path = try newest()
        var bytes = try #require(model.fileSystem.content(path))
        bytes[bytes.count - 120] ^= 1
        #expect(model.fileSystem.replace(path, with: bytes))
        #expect(try model.index().segments.count == 1)
        #expect(try model.index().problems.count == 1)
        #expect(try model.compactor.runOnce().points == 10)
        try model.check(whole: true)
        // Without one of its segments a manifest doesn't count, but the one before it does.
        try model.fileSystem.unlink(try newest())
        #expect(try model.index().manifest?.number == 2)
        _ = try model.compactor.runOnce()
        #expect(try model.index().manifest?.number == 4)
        try model.check(whole: true)
    }

    /// What was dropped and counted is counted once, however often the file was indexed while it grew; holes aren't counted.
    @Test func lossesCountOnce() throws {
        var model = try CampaignModel(seed: 11)
        let file = Self.add(0, steps: 0..<5, to: &model, ends: false)
        for reason in [LossEntry.Reason.noRoom, .hole, .failure] {
            model.update(file) { fixture in
                fixture.append([LossEntry(reason: reason, firstSequence: 0, points: 3, time: 1, detail: "")])
                fixture.append(Self.rows([0], 5..<40))
            }
            try model.flush()
            var options = CompactionOptions()
            options.buildPoints = 10
            options.mergeWidth = 3
            _ = try model.compactor.runOnce(options)
        }
        try model.check(whole: true)
        #expect(try model.index().coverage[model.files[file].begin.identity]?.lostPoints == 6)
    }

    /// Files that were moved into a pack stay covered, and are indexed from it if they weren't.
    @Test func packs() throws {
        var model = try CampaignModel(seed: 12)
        for i in 0..<2 { Self.add(i, steps: 0..<10, to: &model) }
        try model.flush()
        _ = try model.compactor.runOnce()
        let third = Self.add(2, steps: 0..<10, to: &model)
        let pack = Paths.join(model.paths.logs, "\(LogName.pack(Self.run(50)))")
        let file = try model.fileSystem.open(pack, .createNew)
        try file.write(model.files.flatMap(\.bytes), at: 0)
        file.close()
        for file in model.files[..<third] { try model.fileSystem.unlink(Paths.join(model.paths.logs, file.name)) }
        var options = CompactionOptions()
        options.mergeWidth = 2
        let report = try model.compactor.runOnce(options)
        #expect(report.points == 20 && report.merged == 2 && report.segments == 1)
        try model.check(whole: true)
        #expect(try !model.compactor.runOnce(options).didWork)
    }

    /// In passing, a compactor leaves alone what isn't worth it: few finished files, and live files with little news.
    @Test func thresholds() throws {
        var model = try CampaignModel(seed: 10)
        var options = CompactionOptions.inPassing
        options.minimumFiles = 3
        for i in 0..<2 { Self.add(i, steps: 0..<5, to: &model) }
        try model.flush()
        #expect(try !model.compactor.runOnce(options).didWork)
        Self.add(2, steps: 0..<5, to: &model)
        let live = Self.add(3, steps: 0..<5, to: &model, ends: false)
        try model.flush()
        let journal = Paths.join(model.paths.logs, "\(LogName.journal(run: Self.run(3), n: 1))")
        try model.fileSystem.open(journal, .createNew).close()
        #expect(try model.compactor.runOnce(options).points == 30)
        #expect(try model.index().coverage[model.files[live].begin.identity] == nil)
    }

    /// Ten thousand runs that arrive one by one are rewritten at most four times, if compactions come in passing: here
    /// in
    /// small, by the policy alone, with segments that are counted instead of written.
    @Test func writeAmplification() {
        var segments: [ManifestEntry] = []
        var written = 0
        var next: UInt64 = 0
        func entry(_ runs: Int, tier: UInt16) -> ManifestEntry {
            next += 1
            written += runs
            return ManifestEntry(
                id: UniqueID(high: 0, low: next), size: 0, sectionsOffset: 0, sectionsHash: 0, points: UInt64(runs),
                runs: UInt32(runs), tier: tier, firstRunSeconds: UInt32(next), lastRunSeconds: UInt32(next))
        }
        let atOnce = CompactionOptions.inPassing.minimumFiles
        for _ in 0..<(10_000 / atOnce) {
            segments.append(entry(atOnce, tier: 0))
            while let merge = MergePolicy.next(segments, width: MergePolicy.width) {
                let ids = Set(merge.inputs.map(\.id))
                segments.removeAll { ids.contains($0.id) }
                segments.append(entry(merge.inputs.reduce(0) { $0 + Int($1.points) }, tier: merge.tier))
            }
        }
        #expect(written <= 4 * 10_000)
        #expect(segments.count < 3 * MergePolicy.width)
    }
}
