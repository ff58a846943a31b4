import Testing
import Varve
import VarveFiles
import VarveFormat
import VarveTestSupport

/// Shows that a compaction may die at any system call: what the index then says is true, and compacting again gives
/// every
/// point once. Each call of a whole compaction (building, merging, sweeping) is the last one once, for a kill; each
/// third for a
/// power failure.
struct CompactorCrashTests {
    /// A campaign with an index of several small segments, and with files that aren't in it yet.
    private static func campaign() throws -> CampaignModel {
        var model = try CampaignModel(seed: 11)
        var files: [Int] = []
        for i in 0..<5 {
            let file = model.begin(run: UniqueID(milliseconds: UInt64(i) * 1_000, random: (1, 2)), n: 1)
            model.update(file) { $0.define([MetricKey("loss"), MetricKey("acc")]) }
            files.append(file)
            model.update(file) { fixture in
                fixture.append(Self.rows(30, from: 0))
                fixture.append([PropertyEntry(run: nil, key: "params.lr", revision: 1, time: 5, value: .double(0.1))])
            }
            if i < 3 {
                try model.flush()
                _ = try model.compactor.runOnce()
                model.host.machine.advance(700_000_000_000)
            }
        }
        for file in files { model.update(file) { $0.append(Self.rows(20, from: 15)) } }
        model.update(files[0]) { $0.end() }
        try model.flush()
        return model
    }

    private static func rows(
        _ count: Int, from first: Int64
    ) -> [(series: Int, step: Int64, time: Int64, value: UInt64)] {
        var rows: [(series: Int, step: Int64, time: Int64, value: UInt64)] = []
        for i in 0..<Int64(count) {
            for series in [0, 1] {
                let value = Double(i) / Double(series + 3)
                rows.append((series, first + i, i * 1_000, value.bitPattern))
            }
        }
        return rows
    }

    private static var options: CompactionOptions {
        var options = CompactionOptions()
        options.mergeWidth = 2
        options.buildPoints = 100
        return options
    }

    @Test func killAtEveryCall() throws {
        try Self.everyCall(by: 1) { $0.afterKill() }
    }

    @Test func powerLossAtEveryCall() throws {
        var seed: UInt64 = 0
        try Self.everyCall(by: 3) {
            seed += 1
            return $0.afterPowerLoss(seed: seed)
        }
    }

    private static func everyCall(by stride: Int, _ after: (SimulatedFileSystem) -> SimulatedFileSystem) throws {
        let start = try campaign()
        let rehearsal = start.fileSystem.snapshot()
        var model = start
        model.fileSystem = rehearsal
        let before = rehearsal.callCount
        let report = try model.compactor.runOnce(options)
        try #require(report.built > 1 && report.merged > 2)
        try model.check(whole: true)
        let calls = rehearsal.callCount - before
        try #require(calls > 100)
        withEvery("call", in: Swift.stride(from: 1, through: calls, by: stride)) { call in
            var model = start
            let doomed = start.fileSystem.snapshot()
            doomed.kill(atCall: doomed.callCount + call, tearing: .byte)
            model.fileSystem = doomed
            // It may have ended by then: the order of a listing isn't the same each time.
            _ = try? model.compactor.runOnce(options)
            model.fileSystem = after(doomed)
            try model.check(whole: false)
            model.host.machine.advance(120_000_000_000)
            _ = try model.compactor.runOnce(options)
            try model.check(whole: true)
            let properties = try IndexContent.properties(try model.index())
            try require(properties.count == 5, "properties of \(properties.count) runs")
        }
    }
}
