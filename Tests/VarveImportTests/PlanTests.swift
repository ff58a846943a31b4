import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves the rules that turn paths and names into runs, metrics and contexts: each by the cases that its comment states, on
/// directories made for it.
@Suite struct PlanTests {
    /// The names of the runs that files at these paths make, each with its files and their contexts.
    private func plan(
        _ paths: [String], _ format: ImportFormat = .tensorboard, keepNames: Bool = false, below: String = ""
    ) throws -> [String] {
        try withTemporaryDirectory { directory in
            let fileSystem = RealFileSystem()
            let root = Paths.join(directory, "root")
            try fileSystem.makeDirectory(root)
            for path in paths {
                var parent = root
                let parts = path.split(separator: "/")
                for part in parts.dropLast() {
                    parent = Paths.join(parent, String(part))
                    try fileSystem.makeDirectory(parent)
                }
                try fileSystem.open(Paths.join(root, path), .createNew).close()
            }
            let tree = try SourceTree(below.isEmpty ? root : Paths.join(root, below), in: fileSystem)
            var options = ImportOptions()
            options.keepNames = keepNames
            return try format.type.plan(tree, ImportPlace(options: options)).runs.map { run in
                let files = run.sources.map { $0.file.relativePath + ($0.subset.map { "=\($0)" } ?? "") }
                return "\(run.name): \(files.joined(separator: " "))"
            }
        }
    }

    private let event = "events.out.tfevents.1.h"

    @Test func eventFilesMakeRunsOfDirectories() throws {
        #expect(
            try plan(["a/\(event)", "a/b/\(event)", event, "a/notes.txt", "v10/\(event)", "v2/\(event)"])
                == ["root: \(event)", "a: a/\(event)", "a/b: a/b/\(event)", "v2: v2/\(event)", "v10: v10/\(event)"])
    }

    /// Keras: `train` and `validation` belong to the run above, which may be the root; the root alone is a run of its own.
    @Test func directoriesBecomeContexts() throws {
        let keras = ["x/train/\(event)", "x/validation/\(event)", "x/\(event)"]
        #expect(
            try plan(keras)
                == ["x: x/\(event) x/train/\(event)=train x/validation/\(event)=val"])
        #expect(try plan(keras, below: "x") == ["x: \(event) train/\(event)=train validation/\(event)=val"])
        #expect(try plan(keras, below: "x/train") == ["train: \(event)"])
        #expect(
            try plan(keras, keepNames: true)
                == ["x: x/\(event)", "x/train: x/train/\(event)", "x/validation: x/validation/\(event)"])
        #expect(try plan(["train/a/\(event)"]) == ["train/a: train/a/\(event)"])
        #expect(try plan(["a/Eval/\(event)", "a/trainer/\(event)"]).sorted().last == "a: a/Eval/\(event)=val")
    }

    /// Of several event files the time stamp in the name decides, as a number.
    @Test func eventFilesGoByTime() throws {
        let names = ["events.out.tfevents.99.z", "events.out.tfevents.100.b", "events.out.tfevents.100.a"]
        #expect(try plan(names) == ["root: \(names[0]) \(names[2]) \(names[1])"])
    }

    @Test func tablesMakeRunsOfFiles() throws {
        #expect(
            try plan(["v0/metrics.csv", "v1/metrics.csv", "v1/eval.json"], .csv)
                == ["v0: v0/metrics.csv", "v1: v1/metrics.csv"])
        #expect(
            try plan(["a/x.csv", "a/y.csv", "b.csv"], .csv)
                == ["root: b.csv", "a/x: a/x.csv", "a/y: a/y.csv"])
        #expect(
            try plan(["a/train.csv", "a/val.csv", "b/test/m.csv"], .csv)
                == ["a: a/train.csv=train a/val.csv=val", "b: b/test/m.csv=test"])
        #expect(try plan(["a/x.jsonl"], .jsonl, below: "a/x.jsonl") == ["x: x.jsonl"])
        // Two that would be called the same.
        #expect(
            try plan(["a.csv", "c.csv", "a/m.csv"], .csv)
                == ["a.csv: a.csv", "c: c.csv", "a/m.csv: a/m.csv"])
    }

    @Test func ordersNamesAsPeopleDo() {
        let names = ["a", "a2", "a02", "a10", "a10b", "b"]
        for seed in 0..<20 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let sorted = names.shuffled(using: &random).sorted(by: SourceTree.precedes)
            #expect(sorted == ["a", "a02", "a2", "a10", "a10b", "b"], "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("train/loss", "loss", "train"), ("val_loss", "loss", "val"), ("validation/a/b", "a/b", "val"),
        ("eval_loss", "loss", "val"), ("valid.loss", "loss", "val"), ("Test/Acc", "Acc", "test"),
        ("loss", "loss", nil), ("training_loss", "training_loss", nil), ("Loss/train", "Loss/train", nil),
        ("train", "train", nil), ("train/", "train/", nil), ("time/fps", "time/fps", nil),
        ("/train/x", "/train/x", nil),
    ])
    func namesBecomeContexts(_ name: String, _ metric: String, _ subset: String?) {
        let expected = MetricKey(metric, context: subset.map { ["subset": $0] } ?? [:])
        #expect(ContextRule.metric(name) == expected)
    }

    /// Whatever the names of a run are, no two become one metric, and the answer for a name never changes.
    @Test func metricsStayApart() {
        let names = ["train/loss", "train_loss", "train.loss", "Train/loss", "loss", "val_loss", "eval_loss"]
        for seed in 0..<50 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var map = MetricNames(keepNames: seed % 5 == 0)
            var found: [MetricKey: [String]] = [:]
            for directory in ["", "val", "valid"] {
                for name in names.shuffled(using: &random) {
                    let subset = directory.isEmpty ? nil : "val"
                    let metric = map.metric(name, subset: subset, directory: directory)
                    #expect(map.metric(name, subset: subset, directory: directory) == metric)
                    found[metric, default: []].append(directory + ":" + name)
                }
            }
            let doubled = found.values.filter { $0.count > 1 }
            #expect(seed % 5 == 0 || doubled.isEmpty, "seed \(seed): \(doubled)")
        }
    }

    @Test func readsParamsFiles() throws {
        let yaml = """
            # made by hand
            lr: 0.001
            layers: 3
            name: 'it''s'
            quoted: "a\\nb"
            on: true
            nothing: null
            empty:
            size: !!python/tuple
            - 1
            - 8
            model:
              depth: 2
              width: 3
            plain: a b
            big: 1e-5
            """
        let found = try ParamsFile.yaml(yaml)
        let params = Dictionary(
            uniqueKeysWithValues: found.map { (String($0.key.dropFirst("params.".count)), $0.value) })
        #expect(
            params == [
                "lr": 0.001, "layers": 3, "name": "it's", "quoted": "a\nb", "on": true, "nothing": .null,
                "empty": .null,
                "size": .json("[1,8]"), "model.depth": 2, "model.width": 3, "plain": "a b", "big": 1e-5,
            ] as [String: PropertyValue])
        for text in ["{}\n", "- 1\n", "", "# nothing\n---\n"] { #expect(try ParamsFile.yaml(text).isEmpty, "\(text)") }
        #expect(throws: VarveError.self) { try ParamsFile.yaml("a: b: c\n") }
    }

    /// Marks of few and of many files come back from the properties that hold them, none of them beyond the format's cap.
    @Test(arguments: [0, 1, 10_000]) func fileMarksRoundTrip(_ count: Int) {
        var marks: [String: FileMark] = [:]
        for number in 0..<count {
            let path = "logs/\(number)/\"ü" + String(repeating: "x", count: 100)
            marks[path] = FileMark(
                path: path, bytes: number, fingerprint: .max - UInt64(number), isOpen: number % 2 == 0)
        }
        let properties = FileMark.properties(marks)
        #expect(FileMark.read(Properties(properties)) == marks)
        #expect(properties.count == (count > 1 ? 4 : count))
        for case .json(let text) in properties.values { #expect(text.utf8.count <= FormatConstants.maxPropertyBytes) }
    }

    /// Contexts as cells come back whatever they hold.
    @Test func contextsRoundTripAsCells() {
        for context in [[:], ["a": "b"], ["a=b;c\\": "=;\\\\", "": "x", "y": ""], ["ü": "\n,\""]] as [[String: String]]
        {
            let text = PointColumns.text(MetricKey("m", context: context).context)
            #expect(PointColumns.context(text) == context)
        }
        for text in ["a", "a=b;", "a=b;a=c", "=", "a=b=c", "a=b\\"] where text != "=" {
            #expect(PointColumns.context(text) == nil, "\(text)")
        }
    }
}
