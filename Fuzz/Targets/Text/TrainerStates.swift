import Varve
import VarveImport

/// Hugging Face's trainer states: any bytes give points or a problem.
struct TrainerStates: FuzzTarget {
    static var words: [String] {
        ["\"log_history\":[", "{\"step\":", "\"loss\":", "NaN", "Infinity", "}]", "null", "1e400"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "{\"global_step\": 20, \"log_history\": [{\"loss\": 0.5, \"step\": 10}, {\"eval\": {\"a\": NaN}, \"step\": 20}]}",
            "{\"log_history\": [1, {\"step\": \"3\", \"x\": true, \"y\": [1]}], \"trial_name\": null}", "{}",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let sink = CountingSink(size: input.count)
        try TrainerStateReader.read(input, "trainer_state.json", into: sink)
        try sink.finish(end: input.count)
        try demand(sink.points <= input.count, "\(sink.points) points in \(input.count) bytes")
    }
}
