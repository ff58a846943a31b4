import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that Aim repositories come in whole through Aim's own package: a real one point by point, and one written here by Aim
/// itself with everything that Aim logs; that they are only read; and that they can be imported while they grow.
@Suite(.enabled(if: Python.hasAim, Python.message("aim")))
struct AimTests {
    @Test(.enabled(if: PackagePaths.dataSet("aim-protocolopt") != nil, PackagePaths.skipMessage))
    func findsEveryPointOfARealRepository() throws {
        let set = try #require(try DataSet("aim-protocolopt"))
        try Place.with { place in
            let before = try Self.listing(Paths.join(set.path, ".aim"))
            let report = try place.load(nil, set.path) { options in
                options.python = Python.path
                options.audits = true
            }
            #expect(report.problems.isEmpty && report.newRuns == 3)
            #expect(report.audit?.isEqual == true)
            let snapshot = try place.repository.snapshot()
            var (series, points) = (0, 0)
            for run in try #require(set.expected["runs"]?.arrayValue) {
                let hash = try #require(run["run"]?.stringValue)
                let info = try #require(snapshot.runs.first { $0.properties["aim.hash"] == .string(hash) })
                #expect(info.status == .finished)
                let stored = try Self.points(of: info.id, in: snapshot)
                for json in try #require(run["series"]?.arrayValue) {
                    let name = try #require(json["name"]?.stringValue)
                    let context = name.hasPrefix("__system__") ? ["system": "host"] : [:]
                    let found = stored[MetricKey(name, context: context)] ?? []
                    ExpectedSeries(name: name, json: json).check(found, hash)
                    series += 1
                    points += found.count
                }
                for member in run["attrs"]?["hparams"]?.objectValue?.members ?? [] {
                    let value = info.properties["params." + member.key]
                    #expect(value == PropertyValue(member.value), "\(hash) \(member.key)")
                }
            }
            let totals = set.expected["totals"]
            #expect(Int64(series) == totals?["series"]?.intValue && Int64(points) == totals?["points"]?.intValue)
            #expect(try Self.listing(Paths.join(set.path, ".aim")) == before)
            let again = try place.load(nil, set.path) { $0.python = "/no/such/python" }
            #expect(again.unchangedRuns == 3 && again.pointsStored == 0)
        }
    }

    /// Names, sizes and times of all files: what a reader must leave as it is.
    private static func listing(_ directory: String) throws -> [String] {
        let fileSystem = RealFileSystem()
        return try fileSystem.list(directory).sorted().flatMap { name -> [String] in
            let path = Paths.join(directory, name)
            guard let status = try fileSystem.status(path) else { return [] }
            if status.kind == .directory { return try listing(path) }
            return ["\(path) \(status.size) \(status.modified)"]
        }
    }

    private static func points(
        of run: RunID, in snapshot: Snapshot
    ) throws -> [MetricKey: [CollectingSink.Point]] {
        var found: [MetricKey: [CollectingSink.Point]] = [:]
        let reader = try snapshot.series(Query(runs: [run]))
        while let chunk = try reader.next() {
            for index in 0..<chunk.count {
                let (step, time) = (Int64(chunk.steps[index]), chunk.times[index])
                found[chunk.metric, default: []].append(
                    .init(step: step, time: time, value: chunk.values[index].bitPattern))
            }
        }
        return found
    }

    /// Writes a repository with Aim: steps out of order, contexts, epochs, special values, whole numbers, texts, tags.
    private static let writer = """
        import sys, math
        import aim
        repo, count = sys.argv[1], int(sys.argv[2])
        aim.Repo(repo, init=True)
        known = sys.argv[3] if len(sys.argv) > 3 else None
        run = aim.Run(run_hash=known, repo=repo, system_tracking_interval=None, capture_terminal_logs=False,
            log_system_params=False, experiment="exp")
        if known is None:
            run["hparams"] = {"lr": 0.1, "model": {"depth": 3, "names": ["a", "b"]}, "none": None, "flag": True}
            run["note"] = "free"
            run.name = "my run"
            run.description = "about it"
            run.add_tag("good")
            run.track(math.nan, name="odd", step=0)
            run.track(math.inf, name="odd", step=1)
            run.track(-0.0, name="odd", step=2)
            run.track(2**53 + 1, name="whole", step=0)
            run.track(aim.Text("hello"), name="words", step=3)
            run.track([aim.Text("a"), aim.Text("b")], name="list", step=3)
            run.track(aim.Distribution([1.0, 2.0, 3.0]), name="dist", step=0)
            from PIL import Image
            picture = lambda shade: aim.Image(Image.new("L", (2, 2), shade))
            for step in (1, 2):
                run.track(picture(step), name="picture", step=step, context={"subset": "val", "fold": 2})
            run.track([picture(3), picture(4)], name="pair", step=1)
            run.track(aim.Audio(b"RIFF....WAVE", format="wav"), name="sound", step=2)
            for step in (50, 7, 3, 1000, 0):
                run.track(float(step), name="mixed", step=step)
            start = 0
        else:
            start = int(sys.argv[4])
        for step in range(start, count):
            run.track(1 / (step + 1), name="loss", step=step, epoch=step // 10, context={"subset": "train"})
            run.track(step / 100, name="loss", step=step, epoch=step, context={"subset": "val", "fold": 2})
        print(run.hash)
        run.close()
        """

    private func write(_ place: Place, _ arguments: [String]) throws -> String {
        try Python.run(Self.writer, [place.logs] + arguments).split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func bringsInWhatAimLogs() throws {
        try Place.with { place in
            let hash = try write(place, ["120"])
            let report = try place.load(.aim) { $0.python = Python.path }
            #expect(report.problems.isEmpty && report.newRuns == 1, "\(report.problems)")
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first)
            #expect(run.name == "my run" && run.status == .finished && run.tags == ["good"])
            let expected: [String: PropertyValue] = [
                "params.lr": .double(0.1), "params.model.depth": .int(3), "params.model.names": .json(#"["a","b"]"#),
                "params.none": .null, "params.flag": true, "params.note": "free", "note": "about it",
                "experiment": "exp", "aim.hash": .string(hash), "import.id": .string(hash),
            ]
            for (key, value) in expected { #expect(run.properties[key] == value, "\(key)") }
            let points = try Self.points(of: run.id, in: snapshot)
            func values(_ name: String, _ context: [String: String] = [:]) -> [Double] {
                (points[MetricKey(name, context: context)] ?? []).map { Double(bitPattern: $0.value) }
            }
            #expect(values("loss", ["subset": "train"]) == (0..<120).map { 1 / Double($0 + 1) })
            #expect(values("loss", ["subset": "val", "fold": "2"]) == (0..<120).map { Double($0) / 100 })
            #expect(values("epoch", ["subset": "train", "of": "loss"]) == (0..<120).map { Double($0 / 10) })
            // An epoch that is the step says nothing new.
            #expect(points[MetricKey("epoch", context: ["subset": "val", "fold": "2", "of": "loss"])] == nil)
            #expect(values("mixed") == [0, 3, 7, 50, 1000])
            #expect(values("odd")[0].isNaN && values("odd")[1] == .infinity && values("odd")[2].sign == .minus)
            #expect(values("whole") == [9_007_199_254_740_992] && report.roundedIntegers == 1)
            #expect(report.recordsStored == 1 && report.textsStored == 3)
            #expect(report.skipped.isEmpty, "\(report.skipped)")
            let files = try snapshot.artifacts(of: run.id).map { "\($0.name)@\($0.step ?? -1)" }
            #expect(
                files.sorted() == [
                    "fold=2/val/picture.png@1", "fold=2/val/picture.png@2", "pair_0.png@1", "pair_1.png@1",
                    "sound.wav@2",
                ])
            let histogram = try #require(try snapshot.records(of: run.id).first)
            #expect(histogram.metric.name == "dist" && histogram.step == 0)
            guard case .histogram(let content) = histogram.content else { throw Python.Failed(ending: "no histogram") }
            #expect(content.total == 3 && content.edges.first == 1 && content.edges.last == 3)
            let times = (points[MetricKey("mixed")] ?? []).map(\.time)
            #expect(times.allSatisfy { $0 > 1_600_000_000_000_000_000 })
        }
    }

    /// A run that was resumed in Aim has grown: what is new comes in, what is there doesn't again.
    @Test func addsWhatIsNew() throws {
        try Place.with { place in
            let hash = try write(place, ["20"])
            _ = try place.load(nil) { $0.python = Python.path }
            _ = try write(place, ["30", hash, "20"])
            let report = try place.load(nil) { $0.python = Python.path }
            // Two metrics and the epochs of one of them.
            #expect(report.pointsStored == 30 && report.grownRuns == 1 && report.refused.isEmpty, "\(report)")
            #expect(report.artifactsStored == 0)
            let again = try place.load(nil) { $0.python = Python.path }
            #expect(again.pointsStored + again.textsStored + again.recordsStored + again.newRuns == 0)
            #expect(again.refused.isEmpty && again.runs == 1)
        }
    }

    /// A run of which a file is damaged is named, the others come in.
    @Test func damageCostsARun() throws {
        try Place.with { place in
            let hash = try write(place, ["20"])
            _ = try write(place, ["20"])
            try place.write(".aim/meta/chunks/\(hash)/CURRENT", "rubbish")
            let report = try place.load(.aim) { $0.python = Python.path }
            #expect(report.newRuns == 1 && report.problems.count == 1, "\(report.problems)")
            #expect(report.problems.first?.file == ".aim#\(hash)")
        }
    }
}

/// Without Aim: what is found, and that the helper's lack is said in words.
@Suite struct AimPlanTests {
    @Test func findsRepositories() throws {
        try Place.with { place in
            for path in ["a/.aim/meta/chunks/r1/CURRENT", "a/.aim/meta/chunks/r2/CURRENT", ".aim/meta/chunks/r3/X"] {
                try place.write(path, "x")
            }
            try place.write("a/.aim/notes.csv", "step,loss\n1,2\n")
            func runs(_ path: String) throws -> [String] {
                try ImportSearch(path).parts.flatMap { part in part.plan.runs.map { "\(part.format.name) \($0.name)" } }
            }
            #expect(try runs(place.logs) == ["aim r3", "aim a/r1", "aim a/r2"])
            #expect(try runs(Paths.join(place.logs, "a")) == ["aim r1", "aim r2"])
            #expect(try runs(Paths.join(place.logs, "a/.aim")) == ["aim r1", "aim r2"])
        }
    }

    @Test(.enabled(if: (try? Python.run("pass")) != nil && !Python.hasAim, "here Python has aim"))
    func saysThatAimIsMissing() throws {
        try Place.with { place in
            try place.write(".aim/meta/chunks/abc/CURRENT", "x")
            let reason = try #require(try place.load(.aim) { $0.python = Python.path }.unreadable.first?.reason)
            #expect(reason.message.contains("Aim's own Python package, which can't be imported"))
            #expect(reason.remedy?.contains("pip install aim") == true)
        }
    }
}
