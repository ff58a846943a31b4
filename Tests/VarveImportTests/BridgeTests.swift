import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Shows what a helper's messages become, and that a helper which says anything else is refused in words.
@Suite struct BridgeTests {
    private func read(_ lines: String) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = BridgeReader(MemorySource(Array(lines.utf8), name: "the helper"))
        try reader.greet()
        try reader.read("store", into: sink)
        return sink
    }

    @Test func everyMessage() throws {
        let sink = try read(
            """
            {"hello":1}
            {"property":["params.lr",0.5]}
            {"property":["params.list",[1,2]]}
            {"series":["loss",{"subset":"train","fold":3}]}
            {"points":{"steps":[1,2],"seconds":[1700000000.5,null],"values":[0.25,NaN]}}
            {"points":{"steps":[3],"nanoseconds":[1700000000000000007],"values":[9007199254740993]}}
            {"points":{"steps":[4.5,5],"nanoseconds":[null,null],"values":[1,"x"]}}

            {"histogram":[4,null,[0,1],[3]]}
            {"histogram":[5,null,[0,1],[3,4]]}
            {"text":["console",7,null,"hello"]}
            {"artifact":["/a/b","model"]}
            {"skipped":["images",3]}
            {"problem":"a series that can't be read"}
            {"lasted":[5,null]}
            {"ended":"killed"}
            {"done":true}
            {"property":["params.later",1]}

            """)
        let points = sink.points[MetricKey("loss", context: ["subset": "train", "fold": "3"])] ?? []
        #expect(points.map(\.step) == [1, 2, 3])
        #expect(points.map(\.time) == [1_700_000_000_500_000_000, WallTime.none, 1_700_000_000_000_000_007])
        #expect(points.map { Double(bitPattern: $0.value) }.map(\.isNaN) == [false, true, false])
        #expect(sink.roundings == 1 && sink.texts == ["console@7: hello"] && sink.artifacts == ["model": "/a/b"])
        #expect(sink.skips == ["images": 3, "points without a step or a number": 2, "histograms that are none": 1])
        #expect(sink.kept.map(\.step) == [4])
        #expect(sink.problems.map(\.message) == ["a series that can't be read"] && sink.problems[0].file == "store")
        #expect(sink.properties == ["params.lr": .double(0.5), "params.list": .json("[1,2]")])
        #expect(sink.end == .killed && sink.lifetime.start == 5 && sink.lifetime.end == nil)
    }

    @Test(arguments: [
        "", "{}", "{\"hello\":2}", "{\"hello\":1}", "{\"hello\":1}\n{\"hello\":1}",
        "{\"hello\":1}\n{\"points\":{\"steps\":[],\"seconds\":[],\"values\":[]}}", "{\"hello\":1}\n[]",
        "{\"hello\":1}\n{\"odd\":1}", "{\"hello\":1}\n{\"done\":true,\"more\":1}", "{\"hello\":1}\n{\"done\":tr",
        "{\"hello\":1}\n{\"series\":[\"a\",{}]}\n{\"points\":{\"steps\":[1],\"seconds\":[],\"values\":[1]}}",
        "{\"hello\":1}\n{\"failed\":[\"no\",null]}",
    ])
    func refusesWhatItDoesNotKnow(_ lines: String) {
        #expect(throws: VarveError.self) { try read(lines + "\n") }
    }

    @Test func saysWhatTheHelperSays() throws {
        let error = #expect(throws: VarveError.self) {
            try read("{\"hello\":1}\n{\"failed\":[\"it is locked\",\"close it\"]}\n")
        }
        #expect(error?.message == "it is locked" && error?.remedy == "close it" && error?.file == "store")
    }

    @Test func aBrokenSourceIsAProblem() throws {
        let sink = try read("{\"hello\":1}\n{\"property\":[\"a\",1]}\n{\"broken\":\"what can't be read\"}\n")
        #expect(sink.problems.map(\.message) == ["what can't be read"] && sink.properties == ["a": .int(1)])
    }

    /// A Python that isn't there, one without the package, and a program that is no Python.
    @Test func saysWhichPythonIsMissing() throws {
        try Place.with { place in
            try place.write(".aim/meta/chunks/abc/CURRENT", "x")
            func reason(_ python: String) throws -> VarveError? {
                try place.load(.aim) { $0.python = python }.unreadable.first?.reason
            }
            let missing = try reason("/no/such/python")
            #expect(missing?.message == "Aim repositories are read by Python, and '/no/such/python' can't be started")
            #expect("\(try #require(try reason("/bin/true")))".contains("its end (exit status 0)"))
            #expect(try place.repository.snapshot().runs.isEmpty)
        }
    }
}
