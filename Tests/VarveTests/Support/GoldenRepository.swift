import VarveFiles
import VarveFormat

@testable import Varve

/// Makes the repository of `Tests/Golden/v1`: one of everything that version 1 can store, by processes that run on
/// simulated hosts, so that it comes out the same each time.
struct GoldenRepository {
    static let path = "/golden"
    let fileSystem = SimulatedFileSystem(seed: 1)
    private let machine = SimulatedMachine(seed: 1, name: "golden")

    init() throws {
        let repository = try Repository.create(at: Self.path, name: "golden, caf\u{E9}", process())
        let finished = try finished(repository)
        _ = try repository.compact()
        machine.advance(1_000_000_000)
        try sealedAndRewound()
        let fork = try fork(of: finished)
        try repository.set(
            ["tags.kept": true, "params.lr": .absent, "note": "set \u{201C}later\u{201D}"], of: [finished, fork])
        try repository.set(["values.late": 1.5], of: [fork])
        try pack()
        try killed()
    }

    /// A process of its own.
    private func process() -> Environment {
        Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
    }

    private static var options: RunOptions {
        var options = RunOptions()
        options.compaction = .never
        options.journalBytes = 64 << 10
        options.sync = .none
        options.clock = .system
        return options
    }

    private static let origin: Int64 = 1_700_000_000_000_000_000

    // MARK: Runs

    /// Everything that one writer can put into one file.
    private func finished(_ repository: Repository) throws -> RunID {
        let run = try repository.startRun(
            name: "finished",
            params: [
                "lr": 0.1, "layers": 3, "smallest": .int(.min), "nan": .double(Double(nan: 0x1234, signaling: false)),
                "on": true, "list": .json("[1, 2.50, null]"),
            ],
            tags: ["baseline", "gone"], options: Self.options)
        try special(run)
        try columns(run)
        try run.set([
            "tags.gone": .absent, "values.best": .double(-0.0), "nothing": .null, "free.key": "\u{0}\u{7F}\u{2028}",
        ])
        let automatic = try run.series("automatic")
        let mixed = try run.series("mixed")
        for i in 0..<12 {
            automatic.log(Double(i) / 8)
            if i % 3 == 0 { mixed.log(Double(i)) } else { mixed.log(Double(i), step: 50 - i, time: 1) }
            if i == 6 { try run.flush() }
        }
        try run.text("first line\n\tsecond \u{1F9EA}", channel: "stdout", step: 3, time: Self.origin)
        try run.text(String(repeating: "long and dull; ", count: 40), time: .min)
        let source = try fileSystem.open("/weights.bin", .createNew)
        try source.write(Array("weights".utf8), at: 0)
        source.close()
        try run.addArtifact("/weights.bin", name: "model", version: "1", step: 40, mediaType: "application/x-weights")
        try run.finish()
        return run.id
    }

    private func special(_ run: Run) throws {
        let values: [Double] = [
            0, -0.0, .infinity, -.infinity, .nan, -.nan, Double(nan: 0x1234, signaling: true), .leastNonzeroMagnitude,
            -.leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e300, 3,
        ]
        let odd = try run.series("odd", context: ["subset": "val", "a": ""])
        for (i, value) in values.enumerated() {
            odd.log(value, step: [i, -i, .max - i, .min + i][i % 4], time: i % 5 == 0 ? .min : Int64(i) * 1_000)
        }
        let type = try run.series("odd", type: .integer)
        for i in 0..<4 { type.log(i * 1000, step: i, time: .max) }
    }

    /// Shapes of columns, each of which another transform, body or order of differences is best for.
    private func columns(_ run: Run) throws {
        var random = SplitMix64(seed: 7)
        func noise() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }
        let shapes: [(String, ValueType, Int, (Int) -> Double)] = [
            ("constant", .double, 20, { _ in 2.5 }),
            ("float noise", .float, 60, { _ in Double(Float(noise() * noise())) }),
            ("double noise", .double, 40, { _ in 0.25 + noise() / 8 }),
            ("any bits", .double, 24, { _ in Double(bitPattern: random.next()) }),
            ("quotient", .double, 40, { _ in Double(Int(noise() * 1000)) / 1000 }),
            ("quotient of floats", .float, 100, { _ in Double(Float(Int(noise() * 97)) / 97) }),
            ("few", .double, 40, { _ in [0.1, 1e9, -3.7, .pi][Int(noise() * 4)] }),
            ("whole", .integer, 40, { _ in Double(Int(noise() * 100_000)) }),
            (
                "outliers", .integer, 300,
                { $0 % 97 == 5 ? 1e12 + Double(Int(noise() * 1e12)) : Double(Int(noise() * 3000)) }
            ),
            ("exceptions", .double, 40, { $0 % 13 == 7 ? .nan : Double(Int(noise() * 640)) / 640 }),
            ("square", .double, 30, { Double($0 * $0) }),
            ("slope", .double, 30, { Double($0) * 0.001 }),
        ]
        for (row, shape) in shapes.enumerated() {
            let series = try run.series(shape.0, context: ["subset": row % 2 == 0 ? "train" : "val"], type: shape.1)
            for i in 0..<shape.2 {
                let step = row % 3 == 0 ? i * 10 : row % 3 == 1 ? i * 5 + Int(noise() * 4) * 5 : i
                series.log(shape.3(i), step: step, time: Self.origin + Int64(i) * 1_000_000 + Int64(noise() * 3000))
            }
            if shape.0.hasPrefix("quotient") { try run.flush() }
        }
        // Rows of one step and one time.
        let (a, b) = (try run.series("row", context: ["of": "a"]), try run.series("row", context: ["of": "b"]))
        for i in 0..<20 {
            run.log(step: i, time: Self.origin + Int64(i) * 500, [(a, 1 / Double(i + 1)), (b, Double(i % 2))])
        }
        try run.flush()
        // Long enough for a dictionary whose indices are worth compressing, and for bytes that are.
        let many = try run.series("levels")
        let levels = (0..<12).map { _ in noise() * 1000 }
        for i in 0..<300 { many.log(levels[i / 25], step: i, time: Self.origin) }
        try run.flush()
    }

    /// Killed on rank 2, sealed by the next process, which takes part of it back.
    private func sealedAndRewound() throws {
        var options = Self.options
        options.rank = 2
        let first = process()
        let repository = try Repository.open(Self.path, first)
        let run = try repository.startRun(name: "sealed", options: options)
        let loss = try run.series("loss")
        let reward = try run.series("reward", type: .float)
        for i in 0..<30 {
            loss.log(1 / Double(i + 1), step: i, time: Self.origin + Int64(i))
            if i % 3 == 0 { reward.log(Float(i) * 0.1) }
            if i == 17 { try run.flush() }
            // Claimed and never published: a hole.
            if i == 24 { _ = loss.core.hot.pointee.current()?.pointee.claim(2) }
        }
        // A seal is encoded with more effort than a drain.
        let noise = try run.series("noise", type: .float)
        var random = SplitMix64(seed: 8)
        for i in 0..<300 {
            let (a, b) = (Float(random.next() >> 40) / 16_777_216, Float(random.next() >> 40) / 16_777_216)
            noise.log(a * b, step: i, time: Self.origin)
        }
        try run.text("superseded", step: 25, time: Self.origin)
        try run.text("kept", step: 5, time: Self.origin)
        (first.host as? SimulatedHost)?.die()
        let second = try Repository.open(Self.path, process())
        _ = try Sealer(second.environment, second.paths).sealDead()
        machine.advance(1_000_000_000)
        let again = try second.resumeRun(run.id, from: 20, options: options)
        let rest = try again.series("loss")
        for i in 20..<35 { rest.log(Double(-i), step: i, time: Self.origin + Int64(i)) }
        let more = try again.series("reward", type: .float)
        for i in 0..<3 { more.log(Float(i)) }
        try again.set("params.lr", 0.25)
        try again.finish()
    }

    private func fork(of source: RunID) throws -> RunID {
        var options = Self.options
        options.forkOf = RunOptions.Fork(run: source, step: 10)
        let run = try Repository.open(Self.path, process()).startRun(name: "fork", params: ["lr": 1], options: options)
        let series = try run.series("slope", context: ["subset": "val"])
        for i in 10..<15 { series.log(Double(-i), step: i, time: Self.origin) }
        try run.fail("out of memory \u{1F4A5}")
        return run.id
    }

    /// Two finished files in one, as `cat` makes it.
    private func pack() throws {
        let repository = try Repository.open(Self.path, process())
        var bytes: [UInt8] = []
        for i in 0..<2 {
            let run = try repository.startRun(name: "packed \(i)", options: Self.options)
            let series = try run.series("loss")
            for step in 0..<10 { series.log(Double(step * (i + 1)), step: step, time: Self.origin + Int64(step)) }
            try run.text("in a pack", time: Self.origin)
            try run.finish()
            let path = repository.paths.log(.log(run: run.id.id, n: 1))
            bytes += fileSystem.content(path) ?? []
            try fileSystem.unlink(path)
        }
        let pack = LogName.pack(repository.environment.host.newID())
        let file = try fileSystem.open(repository.paths.log(pack), .createNew)
        try file.write(bytes, at: 0)
        file.close()
    }

    /// Its newest points are in its journal alone.
    private func killed() throws {
        let environment = process()
        let run = try Repository.open(Self.path, environment)
            .startRun(name: "killed", tags: ["baseline"], options: Self.options)
        let series = try run.series("loss")
        let other = try run.series("loss", context: ["subset": "val"], type: .float)
        for i in 0..<40 {
            run.log(step: i, time: Self.origin + Int64(i) * 1_003, [(series, Double(i)), (other, 1 / Double(i))])
            if i == 25 { try run.flush() }
        }
        (environment.host as? SimulatedHost)?.die()
    }
}
