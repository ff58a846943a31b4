import Testing
import Varve

@testable import VarveImport

/// Proves that tables come in as research code really writes them: headers that come again, names in a remark, truth values, columns
/// that say which part of the data a row is of, and JSON under names that don't say so. Each layout stands here as small as it gets.
struct OddTablesTests {
    private func imported(
        _ files: [String: String], _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> [String] {
        try Place.with { place in
            for (name, text) in files { try place.write(name, text) }
            let report = try place.load(nil) { options in
                options.audits = true
                change(&options)
            }
            #expect(report.problems.isEmpty, "\(report.problems)")
            #expect(report.audit?.isEqual == true)
            let again = try place.load(nil)
            #expect(again.pointsStored == 0 && again.newRuns == 0)
            return try place.shown()
        }
    }

    @Test func aHeaderComesAgain() throws {
        let text = "epoch,loss,acc\n0,1,0.1\nepoch,loss,acc\n1,0.5,0.2\n"
        #expect(try imported(["a/log.csv": text]) == ["a acc: 0=0.1 1=0.2", "a loss: 0=1.0 1=0.5"])
    }

    @Test func aHeaderComesAgainWithOtherColumns() throws {
        let text = "epoch,loss\n0,1\nloss,epoch,lr\n0.5,1,0.1\nepoch,lr\n2,0.2\n"
        #expect(try imported(["a/log.csv": text]) == ["a loss: 0=1.0 1=0.5", "a lr: 1=0.1 2=0.2"])
    }

    @Test func wordsInACellAreNoHeader() throws {
        let text = "step,loss,note\n1,0.5,loss\n2,,loss\n"
        #expect(try imported(["a/log.csv": text]) == ["a loss: 1=0.5"])
    }

    @Test(arguments: ["# lr=0.1\n# seed 3\nstep,loss\n1,0.5\n2,0.25\n", "# step,loss\n1,0.5\n2,0.25\n"])
    func remarksStandBeforeTheTable(_ text: String) throws {
        #expect(try imported(["a/log.csv": text]) == ["a loss: 1=0.5 2=0.25"])
    }

    @Test func truthValuesAreNumbers() throws {
        let text = "step,done,word\n1,True,true story\n2,false,x\n"
        #expect(try imported(["a/log.csv": text]) == ["a done: 1=1.0 2=0.0"])
    }

    @Test func aColumnOfSubsetsIsTheContext() throws {
        let text = "epoch,phase,loss\n0,train,1\n0,val,2\n1,train,0.5\n1,Validation,1.5\n"
        let expected = ["a loss {subset=train}: 0=1.0 1=0.5", "a loss {subset=val}: 0=2.0 1=1.5"]
        #expect(try imported(["a/log.csv": text]) == expected)
        let kept = try imported(["a/log.csv": text]) { $0.keepNames = true }
        #expect(kept == ["a loss: 0=1.0 0=2.0 1=0.5 1=1.5"])
    }

    @Test func aColumnOfOtherWordsIsNone() throws {
        let text = "epoch,phase,loss\n0,warmup,1\n1,train,0.5\n"
        #expect(try imported(["a/log.csv": text]) == ["a loss: 0=1.0 1=0.5"])
    }

    /// MMDetection's old logs: the first line says what was run, the others are of both subsets.
    @Test func linesOfJSONAreOfSubsets() throws {
        let text = """
            {"env_info": "x", "seed": 0}
            {"mode": "train", "epoch": 1, "iter": 50, "loss": 1.5}
            {"mode": "val", "epoch": 1, "iter": 90, "mAP": 0.25}

            """
        let expected = [
            "a epoch {subset=train}: 50=1.0", "a epoch {subset=val}: 90=1.0", "a loss {subset=train}: 50=1.5",
            "a mAP {subset=val}: 90=0.25", "a seed: 0=0.0",
        ]
        #expect(try imported(["a/20200101.log.json": text]) == expected)
    }

    @Test(arguments: ["metrics.json", "log.txt", "out.log", "result.json"])
    func linesOfJSONAreKnownUnderAnyName(_ name: String) throws {
        let text = "{\"iteration\": 19, \"loss\": 1.5}\n{\"iteration\": 39, \"loss\": NaN}\n"
        #expect(try imported(["a/\(name)": text]) == ["a loss: 19=1.5 39=nan"])
    }

    @Test func aTableOfTextEndsInTxt() throws {
        #expect(try imported(["a/progress.txt": "Epoch\tReturn\n0\t1.5\n1\t2.5\n"]) == ["a Return: 0=1.5 1=2.5"])
    }

    @Test(arguments: ["timesteps_total", "training_iteration", "Episode", "update", "timestep", "TotalEnvInteracts"])
    func stepsHaveManyNames(_ name: String) throws {
        #expect(try imported(["a/progress.csv": "\(name),r\n5,1.5\n7,2.5\n"]) == ["a r: 5=1.5 7=2.5"])
    }

    @Test func aDocumentIsAList() throws {
        let text = "[{\"epoch\": 0, \"loss\": 1.5}, {\"epoch\": 2, \"loss\": 0.5, \"val\": {\"acc\": 1}}]"
        #expect(try imported(["a/out.json": text]) == ["a acc {subset=val}: 2=1.0", "a loss: 0=1.5 2=0.5"])
    }

    @Test func aDocumentIsAHistory() throws {
        let text = "{\n  \"loss\": [1.5, 0.5],\n  \"val_loss\": [2, null]\n}"
        #expect(try imported(["a/history.json": text]) == ["a loss {subset=val}: 0=2.0", "a loss: 0=1.5 1=0.5"])
    }

    @Test(arguments: [
        "{\"a\": [1, 2], \"b\": [3]}", "[1, 2]", "{\"x\": 1}", "[{\"name\": \"a\", \"size\": 3}]", "[{", "",
    ])
    func otherDocumentsAreNoLogs(_ text: String) throws {
        try Place.with { place in
            try place.write("a/history.json", text)
            #expect(try ImportSearch(place.logs).found.isEmpty)
        }
    }

    @Test func whatNobodyTookIsNamed() throws {
        try Place.with { place in
            try place.write("a/metrics.csv", "step,loss\n1,0.5\n")
            try place.write("a/model.bin", "x")
            try place.write("a/points.csv", "x,y\n1,2\n")
            let notes = try ImportSearch(place.logs).notes
            #expect(notes.contains { $0.contains("a/points.csv") && $0.contains("varve import csv") })
            #expect(notes.contains { $0.contains(".bin: 1") })
        }
    }
}
