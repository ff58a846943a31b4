import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows that version 1 of logs, segments and manifests stays readable: files that were written once, and are kept for
/// ever, say what the model below says.
///
/// They were made by `VARVE_WRITE_GOLDEN=1 swift test --filter IndexGoldenTests`, into a folder that must not exist: what is
/// there is never written again. A new version of the format gets a folder of its own.
struct IndexGoldenTests {
    private static let folder = Paths.join(PackagePaths.root, "Tests/Golden/index-1")

    /// Two runs, the second resumed with a rewind, its writer killed and sealed; an edit; two segments, one of them merged.
    private static func model() throws -> CampaignModel {
        var model = try CampaignModel(seed: 1)
        let (a, b) = (id(1), id(2))
        var options = CompactionOptions()
        options.mergeWidth = 2
        for (i, run) in [a, b].enumerated() {
            let file = model.begin(run: run, n: 1) { $0.salt = UInt64(i) + 0xA0 }
            model.update(file) { fixture in
                fixture.define([MetricKey("loss"), MetricKey("loss", context: ["subset": "val"])], type: .float)
                fixture.define([MetricKey("épochs")], type: .integer, automaticSteps: true)
                fixture.append([
                    PropertyEntry(run: nil, key: "name", revision: 1, time: 10, value: .string("run \(i) é")),
                    PropertyEntry(run: nil, key: "params.lr", revision: 1, time: 11, value: .double(0.1)),
                ])
                fixture.append(rows(0..<300))
                if i == 0 { fixture.end() }
            }
            try model.flush()
            _ = try model.compactor.runOnce(options)
        }
        let sealed = model.files[1]
        let seal = model.begin(run: b, n: 1) {
            $0.salt = 0xA2
            $0.sealOf = BeginFrame.SealSource(n: 1, salt: sealed.begin.salt, size: UInt64(sealed.bytes.count))
        }
        model.update(seal) { fixture in
            fixture.define([MetricKey("loss"), MetricKey("loss", context: ["subset": "val"])], type: .float)
            fixture.sequence = sealed.sequence
            fixture.append(
                [(0, 300, .min, Double.nan.bitPattern), (1, 300, 5, Double.infinity.bitPattern)], hasOrder: true)
            let hole = LossEntry(reason: .hole, firstSequence: sealed.sequence + 2, points: 3, time: 1, detail: "")
            fixture.append([hole])
            fixture.end(.killed)
        }
        let resumed = model.begin(run: b, n: 2, attempt: 1) {
            $0.salt = 0xA3
            $0.rewind = .step(250)
            $0.rank = 3
            $0.fork = BeginFrame.ForkSource(run: a, attempt: 0, step: 40)
        }
        model.update(resumed) { fixture in
            fixture.define([MetricKey("loss")])
            fixture.append((250..<260).map { (0, $0, $0, (1 / Double($0)).bitPattern) })
            fixture.end(.failed)
        }
        let edit = model.begin(run: .zero, n: 1) { $0.salt = 0xA4 }
        model.update(edit) { fixture in
            fixture.append([PropertyEntry(run: a, key: "tags.good", revision: 2, time: 12, value: .bool(true))])
            fixture.append([PropertyEntry(run: b, key: "params.lr", revision: 2, time: 12, value: .absent)])
            fixture.end()
        }
        try model.flush()
        return model
    }

    private static func id(_ i: UInt64) -> UniqueID { UniqueID(milliseconds: i * 1_000_000, random: (i, i)) }

    private static func rows(_ steps: Range<Int64>) -> [(series: Int, step: Int64, time: Int64, value: UInt64)] {
        var rows: [(series: Int, step: Int64, time: Int64, value: UInt64)] = []
        for step in steps {
            let value = Float(1) / Float(step + 1)
            rows.append((series: 0, step: step, time: step * 1_000_000, value: Double(value).bitPattern))
            rows.append((series: 2, step: step, time: step * 1_000_000 + step % 3, value: Double(step / 50).bitPattern))
            if step % 10 == 0 {
                rows.append((series: 1, step: step, time: step * 1_000_000, value: Double(value * 2).bitPattern))
            }
        }
        return rows
    }

    private static let properties: [UniqueID: [String: PropertyValue]] = [
        id(1): ["name": .string("run 0 é"), "params.lr": .double(0.1), "tags.good": .bool(true)],
        id(2): ["name": .string("run 1 é"), "params.lr": .absent],
    ]

    private static var isThere: Bool { (try? RealFileSystem().status(folder)) ?? nil != nil }

    @Test func versionOneReads() throws {
        var model = try Self.model()
        let real = RealFileSystem()
        if getenv("VARVE_WRITE_GOLDEN") != nil {
            _ = try model.compactor.runOnce()
            try Self.write(model)
        }
        // The files of the folder, in the model's place.
        let golden = SimulatedFileSystem(seed: 2)
        for directory in ["/repo", "/repo/logs", "/repo/index"] {
            try golden.makeDirectory(directory)
            for name in directory == "/repo" ? [] : try real.list(Self.folder + directory.dropFirst(5)) {
                let bytes = try real.readAll("\(Self.folder)\(directory.dropFirst(5))/\(name)", cap: 1 << 20)
                let file = try golden.open("\(directory)/\(name)", .createNew)
                try file.write(bytes, at: 0)
                file.close()
            }
        }
        for (i, file) in model.files.enumerated() {
            let kept = try #require(golden.content("/repo/logs/\(file.name)"), "\(file.name)")
            // Today's encoder may choose another form, and so another length.
            model.update(i) { $0.bytes = kept }
        }
        model.fileSystem = golden
        // The index as it was written, then one that is made anew from the logs as they were.
        for _ in 0..<2 {
            try model.check(whole: true)
            let index = try model.index()
            #expect(try IndexContent.properties(index) == Self.properties)
            let resumed = try #require(index.coverage.covered.first { $0.begin.attempt == 1 })
            #expect(resumed.begin.rewind == .step(250) && resumed.begin.rank == 3 && resumed.endState == .failed)
            #expect(resumed.begin.fork?.run == Self.id(1) && resumed.begin.fork?.step == 40)
            for name in try golden.list("/repo/index") { try golden.unlink("/repo/index/\(name)") }
            _ = try model.compactor.runOnce()
        }
    }

    private static func write(_ model: CampaignModel) throws {
        let real = RealFileSystem()
        try #require(!isThere, "golden files are never written again")
        try real.makeDirectory(Paths.parent(folder))
        try real.makeDirectory(folder)
        for directory in ["logs", "index"] {
            try real.makeDirectory(Paths.join(folder, directory))
            for name in try model.fileSystem.list("/repo/\(directory)") where !name.hasPrefix(".") {
                let bytes = try #require(model.fileSystem.content("/repo/\(directory)/\(name)"))
                let file = try real.open("\(folder)/\(directory)/\(name)", .createNew)
                try file.write(bytes, at: 0)
                file.close()
            }
        }
    }
}
