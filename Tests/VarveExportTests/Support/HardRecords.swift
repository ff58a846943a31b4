import Varve
import VarveFiles

/// What a run may have beside points, with everything in it that an export could get wrong: names with slashes and of other kinds of
/// things, classes called like Markdown or like a mean, infinite edges, counts that aren't whole, steps that are missing.
enum HardRecords {
    static let labels = ["cat", "größe, \"x\"\n", "accuracy", "*b*_<i>", "macro avg"]

    static func add(to run: Run, in folder: String, _ fileSystem: any FileSystem) throws {
        var counts: [[Double]] = []
        for row in 0..<5 {
            // The third column isn't whole.
            counts.append((0..<5).map { column in Double(row * 5 + column) / (column == 2 ? 4.0 : 1.0) })
        }
        let context = ["subset": "val"]
        try run.log(
            confusionMatrix: ConfusionMatrix(labels: labels, counts: counts), step: 5, context: context, time: 7_000_000
        )
        try run.log(confusionMatrix: ConfusionMatrix(labels: labels, counts: counts), context: ["k": "a/b"], time: .min)
        let wide = try ConfusionMatrix(
            labels: (0..<1_001).map { "c\($0)" }, cells: [.init(truth: 3, predicted: 1_000, count: 2)])
        try run.log(confusionMatrix: wide, name: "wide", step: -3, time: 8_000_000)
        let rows = labels.map { ClassReport.Row(label: $0, precision: .nan, recall: 0.25, f1: -0.0, support: 3) }
        try run.log(classReport: ClassReport(classes: rows), name: "a/b", step: 1, time: 9_000_000)
        // Called like a scalar of the same context.
        let edges = [-Double.infinity, -0.0, 0.1, .greatestFiniteMagnitude, .infinity]
        for step in [1, 2] {
            try run.log(
                histogram: Histogram(edges: edges, counts: [1, 0.5, 0, 3]), name: "loss", step: step, context: context,
                time: 1)
            try run.log(
                histogram: Histogram(edges: edges, counts: [1, 0.5, 0, Double(step)]), name: "gewicht \u{1F9EA}",
                step: step, context: context, time: 1)
        }
        try run.text("first line", channel: "stdout", time: 5)
        try run.text("two\nlines\n", channel: "stdout", time: 6)
        try run.text("## a step's\ntext", channel: "samples/val", step: 7, time: 1_795_428_000_500_000_000)
        try run.text("another", channel: "samples/val", step: 8, time: 1_795_428_000_500_000_000)
        try run.text("note", channel: "../note", step: .min, time: 0)
        // PNG of 1 by 1.
        let picture: [UInt8] = [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1,
            8, 0, 0,
            0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 10, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x60, 0, 0, 0, 2, 0, 1,
            0x48,
            0xAF, 0xA4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
        ]
        let path = "\(folder)/content"
        for (name, version, content) in [
            ("model.pt", "v1", [UInt8](repeating: 1, count: 3 << 20)), ("model.pt", "v2", [2]),
            ("model.pt/inner", "v1", []),
            ("epoch=3-step=100.ckpt", "", [3]), ("epoch=3-step=100.ckpt", "", [4]), ("../up", "v1", [5]),
            ("varve/records.jsonl", "v1", [6]), ("figures/roc.png", "v1", picture),
        ] {
            let file = try fileSystem.open(path, .createNew)
            try file.write(content, at: 0)
            file.close()
            try run.addArtifact(path, name: name, version: version, step: content.count % 4 == 1 ? 9 : nil)
            try fileSystem.unlink(path)
        }
    }

    /// Where MLflow finds the contents of each name, below its artifact folder: the newest first.
    static let mlflowPlaces = [
        "model.pt": ["model.pt", "varve/versions/v1/model.pt"], "model.pt/inner": ["model.pt.inner"],
        "epoch=3-step=100.ckpt": ["epoch=3-step=100.ckpt", "varve/versions/step 9/epoch=3-step=100.ckpt"],
        "../up": ["__/up"], "varve/records.jsonl": ["varve/records.jsonl"], "figures/roc.png": ["figures/roc.png"],
    ]
}
