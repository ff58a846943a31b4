import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Shows that folders of tcbench come in whole: params, log, reports and models, in the forms that its code writes.
@Suite struct TcbenchTests {
    private let params = """
        artifacts_folder: artifacts
        augmentations:
        - noaug
        - rotate
        batch_size: 32
        dataset_name: ucdavis-icdm19
        learning_rate: 0.001
        flow_representation: !!python/object/apply:tcbench.MODELING_INPUT_REPR_TYPE
        - flowpic
        suppress_val_augmentation: false
        max_samples_per_class: null

        """
    private let matrix = "index,a,b\na,8,2\nb,1,9\n"
    private let report = """
        index,precision,recall,f1-score,support
        a,0.8888888888888888,0.8,0.8421052631578947,10.0
        b,0.8181818181818182,0.9,0.8571428571428571,10.0
        accuracy,0.85,0.85,0.85,0.85
        macro avg,0.8535353535353536,0.8500000000000001,0.849624060150376,20.0
        weighted avg,0.8535353535353536,0.85,0.849624060150376,20.0

        """

    private func write(_ place: Place, _ folder: String) throws {
        try place.write("\(folder)/params.yml", params)
        try place.write("\(folder)/log.txt", "opened log\n\nepoch:   0 | train_loss: 1.5\nhalf")
        try place.write("\(folder)/test-human_conf_mtx.csv", matrix)
        try place.write("\(folder)/test-human_class_rep.csv", report)
        try place.write("\(folder)/train_class_rep.csv", report)
        try place.write("\(folder)/best_model_weights_split_2.pt", [1, 2, 3])
    }

    @Test func everythingOfAFolder() throws {
        try Place.with { place in
            try write(place, "x/artifacts/001baa39ed8d4b8bb9966e94")
            let search = try ImportSearch(place.logs)
            #expect(search.parts.map(\.format.name) == ["tcbench"])
            let report = try place.load(nil)
            #expect(report.problems.isEmpty && report.newRuns == 1, "\(report.problems)")
            #expect(report.recordsStored == 2 && report.textsStored == 2 && report.artifactsStored == 1)
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first)
            #expect(run.name == "x/artifacts/001baa39ed8d4b8bb9966e94")
            let expected: Properties = [
                "artifacts_folder": "artifacts", "augmentations": .json(#"["noaug","rotate"]"#), "batch_size": .int(32),
                "dataset_name": "ucdavis-icdm19", "learning_rate": .double(0.001),
                "flow_representation": .json(#"["flowpic"]"#), "suppress_val_augmentation": false,
                "max_samples_per_class": .null,
            ]
            #expect(run.params == expected)
            #expect(try snapshot.text(of: run.id).map(\.text) == ["opened log", "epoch:   0 | train_loss: 1.5"])
            let records = try snapshot.records(of: run.id)
            let matrix = try ConfusionMatrix(labels: ["a", "b"], counts: [[8, 2], [1, 9]])
            #expect(records.first?.metric == MetricKey("confusion", context: ["subset": "test-human"]))
            #expect(records.first?.content == .confusionMatrix(matrix))
            // What tcbench says beside it is what follows from it.
            let told = try ReportTable.report(ReportTable.rows(Array(self.report.utf8)))
            #expect(told == ClassReport(matrix))
            #expect(records.last?.metric == MetricKey("report", context: ["subset": "train"]))
            #expect(records.last?.content == .classReport(told))
            #expect(try snapshot.artifacts(of: run.id).map(\.name) == ["best_model_weights_split_2.pt"])
            let again = try place.load(nil)
            #expect(again.unchangedRuns == 1 && again.recordsStored + again.textsStored + again.artifactsStored == 0)
        }
    }

    /// What isn't the table that its name promises is named; the rest comes in.
    @Test(arguments: [
        "", "index\n", "index,a,b\na,1,2\n", "index,a,b\nb,1,2\na,3,4\n", "index,a\na,x\n", "index,a\na,-1\n",
        "index,a\na,1,2\n", "\"", "index,a,a\na,1,2\na,3,4\n",
    ])
    func tablesOfAnotherForm(_ text: String) throws {
        try Place.with { place in
            try place.write("r/params.yml", "lr: 1\n")
            try place.write("r/log.txt", "hello\n")
            try place.write("r/val_conf_mtx.csv", text)
            try place.write("r/test_class_rep.csv", text)
            let report = try place.load(nil)
            #expect(report.problems.count == 2 && report.textsStored == 1 && report.recordsStored == 0)
            #expect(report.problems.first?.file.hasPrefix("r/") == true)
        }
    }

    @Test func quotedCells() {
        let rows = ReportTable.rows(Array("index,\"a,b\",\"say \"\"x\"\"\"\r\n\"line\nbreak\",1,\n\n".utf8))
        #expect(rows == [["index", "a,b", "say \"x\""], ["line\nbreak", "1", ""]])
    }

    /// Folders of something else aren't tcbench's.
    @Test func leavesOthers() throws {
        try Place.with { place in
            try place.write("a/params.yml", "lr: 1\n")
            try place.write("b/log.txt", "hello\n")
            #expect(try ImportSearch(place.logs).found.isEmpty)
        }
    }

    /// Beside an Aim repository the folders belong to its runs, and to none of their own.
    @Test func foldersOfAimsRuns() throws {
        try Place.with { place in
            try place.write("c/.aim/meta/chunks/0a1b/CURRENT", "x")
            try write(place, "c/artifacts/0a1b")
            try write(place, "c/artifacts/other")
            let search = try ImportSearch(place.logs)
            let found = search.parts.map { part in part.format.name + ": " + part.plan.runs.map(\.name).joined() }
            #expect(found == ["aim: c/0a1b", "tcbench: c/artifacts/other"])
        }
    }
}
