import Varve
import VarveImport

/// What a helper process answers: JSON Lines of messages.
struct BridgeAnswers: FuzzTarget {
    static var words: [String] {
        [
            "hello", "property", "series", "points", "steps", "seconds", "nanoseconds", "values", "text", "histogram",
            "artifact", "skipped", "problem", "ended", "lasted", "broken", "failed", "done", "null", "NaN",
        ]
    }

    static func seeds() -> [[UInt8]] {
        let messages = [
            #"{"property":["params.lr",0.5]}"#, #"{"series":["loss",{"subset":"train"}]}"#,
            #"{"points":{"steps":[1,2],"seconds":[1700000000.5,null],"values":[0.25,NaN]}}"#,
            #"{"points":{"steps":[3],"nanoseconds":[7],"values":[9007199254740993]}}"#,
            #"{"histogram":[1,null,[0,1],[3]]}"#, #"{"text":["log",7,null,"hello"]}"#, #"{"artifact":["/a/b","m"]}"#,
            #"{"skipped":["images",3]}"#, #"{"problem":"no"}"#, #"{"lasted":[5,null]}"#, #"{"ended":"killed"}"#,
        ]
        let ends = [#"{"done":true}"#, #"{"broken":"no"}"#, #"{"failed":["no",null]}"#]
        return ends.map { end in
            Array(([#"{"hello":1}"#] + messages + [end, ""]).joined(separator: "\n").utf8)
        }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let sink = CountingSink(size: input.count)
        var reader = BridgeReader(MemorySource(input))
        do {
            try reader.greet()
            while true { try reader.read("store", into: sink) }
        } catch {}
        try sink.finish(end: 0)
    }
}
