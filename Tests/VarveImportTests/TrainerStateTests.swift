import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves what the importer makes of Hugging Face's `trainer_state.json`, and that checkpoints of one training are one run.
@Suite struct TrainerStateTests {
    private func state(_ steps: Int) -> String {
        let entries = (1...steps).map {
            #"{"epoch": \#(Double($0) / 2), "loss": \#(1 / Double($0)), "learning_rate": 1e-05, "step": \#($0 * 10)}"#
        }
        return """
            {"best_metric": null, "global_step": \(steps * 10), "is_world_process_zero": true, "log_history": [
              \(entries.joined(separator: ",\n  ")),
              {"epoch": 1.0, "eval_loss": NaN, "note": "x", "list": [1], "step": \(steps * 10)}
            ], "max_steps": 100, "trial_name": null}
            """
    }

    private func read(_ text: String) throws -> CollectingSink {
        let sink = CollectingSink()
        try TrainerStateReader.read(Array(text.utf8), "f", into: sink)
        return sink
    }

    @Test func readsHistories() throws {
        let sink = try read(state(2))
        #expect(
            sink.values("loss") == [1, 0.5] && sink.steps("loss") == [10, 20] && sink.steps("epoch") == [10, 20, 20])
        #expect(sink.values("eval_loss").map(\.isNaN) == [true] && sink.problems.isEmpty)
        #expect(sink.skips == ["texts under the key note": 1, "arrays under the key list": 1])
        #expect(sink.properties["huggingface.max_steps"] == 100 && sink.properties["huggingface.best_metric"] == nil)
    }

    /// Of a document that was cut off nothing can be believed; it is named.
    @Test func namesDamage() throws {
        let text = state(2)
        for count in 0..<text.utf8.count {
            let sink = try read(String(text.prefix(count)))
            #expect(sink.pointCount == 0 && sink.problems.count == 1, "\(count) bytes")
        }
        var random = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            var bytes = Array(text.utf8)
            bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
            let sink = CollectingSink()
            try TrainerStateReader.read(bytes, "f", into: sink)
            #expect(sink.pointCount <= 9)
        }
        #expect(try read(#"{"log_history": [1, {"step": 3, "a": 1}]}"#).values("a") == [1])
        #expect(try read("{}").problems.count == 1)
    }

    /// The newest checkpoint stands for the training; when the next one comes, what is new in it is added.
    @Test func followsCheckpoints() throws {
        try Place.with { place in
            try place.write("out/checkpoint-10/trainer_state.json", state(1))
            try place.write("out/checkpoint-20/trainer_state.json", state(1))
            try place.write("other/trainer_state.json", state(1))
            try place.write("other/checkpoint-10/trainer_state.json", state(1))
            let search = try ImportSearch(place.logs)
            #expect(search.parts.map(\.format.name) == ["huggingface"])
            #expect(search.parts[0].plan.runs.map(\.name).sorted() == ["other", "out"])
            #expect(try place.load(nil).newRuns == 2)
            let entry = #"{"loss": 9, "step": 30}"#
            let longer = state(1).replacing("\n], \"max", with: ", \(entry)], \"max")
            try place.write("out/checkpoint-100/trainer_state.json", longer)
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.pointsStored == 1 && report.refused.isEmpty && report.audit?.isEqual == true, "\(report)")
        }
    }
}
