import Testing
import Varve
import VarveTestSupport
import VarveYAML

/// YAML against the JSON that it stands for.
@Suite struct YAMLTextTests {
    private static let texts: [(yaml: String, json: String)] = [
        ("a: 1\nb: [x, 'y', \"z\\n\"]", #"{"a":1,"b":["x","y","z\n"]}"#),
        ("- 1e-3\n- .5\n- 5.\n- -.inf\n- no\n- ~\n-\n- Null", #"[0.001,0.5,5.0,"-Infinity","no",null,null,null]"#),
        ("[true, True, FALSE, 0x1F, 1_000, 2024-01-01]", #"[true,true,false,"0x1F","1_000","2024-01-01"]"#),
        ("['1', \"true\", !!str 5, ! 6]", #"["1","true","5",6]"#),
        ("{1: one, true: yes, null: no}", #"{"1":"one","true":"yes","null":"no"}"#),
        ("a: |\n  one\n  two\nb: >-\n  three\n  four\n", #"{"a":"one\ntwo\n","b":"three four"}"#),
        ("base: &b {lr: 0.1, k: [1]}\nother: *b\n", #"{"base":{"lr":0.1,"k":[1]},"other":{"lr":0.1,"k":[1]}}"#),
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n*x : 3", #"{"a":1,"b":1,"c":2,"d":2,"2":3}"#),
        ("%YAML 1.1\n---\n# a comment\nå: ∑ 🙂\n...\n", #"{"å":"∑ 🙂"}"#),
        ("? a\n: b\n? c", #"{"a":"b","c":null}"#),
        ("!!python/tuple [1, 2]", "[1,2]"),
        ("---\n", "null"), ("just words", #""just words""#), ("\"\"", #""""#),
    ]

    @Test(arguments: texts) func readsAsJSON(_ yaml: String, _ json: String) throws {
        // Infinities have no other text in JSON.
        let text = try YAMLText.json(yaml, "the text").text
        #expect(text.replacing("-1e999", with: #""-Infinity""#) == json)
    }

    private static let refused: [(yaml: String, problem: String)] = [
        ("", "the text is empty"), ("# nothing\n", "the text is empty"),
        ("a: [1, 2", "line 2, column 1"), ("a: 1\n  b: 2", "line 2, column 4"), ("a: 'x", "line 1, column 6"),
        ("a: \u{1}", "control characters are not allowed"), ("a\t: b\n\t- c", "line 2"),
        ("a: *b", "an alias to 'b', which is nothing before it"), ("a: &a [*a]", "an alias to 'a'"),
        ("? [1]\n: 2", "a name of the text is no text"), ("a: 1\nb: 2\na: 3", "the name 'a' twice"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("%YAML 3.0\n---\n", "incompatible YAML document"), ("!x!y z", "undefined tag handle"),
    ]

    @Test(arguments: refused) func saysWhatIsWrong(_ yaml: String, _ problem: String) {
        let error = #expect(throws: VarveError.self) { try YAMLText.json(yaml, "the text") }
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }

    @Test func depthIsCounted() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth - 1) + "1" + String(repeating: "]", count: depth - 1)
        }
        #expect(try YAMLText.json(nested(32), "it").text == nested(32))
        #expect(throws: VarveError(.limit, "it is nested too deeply")) { try YAMLText.json(nested(33), "it") }
        // An alias is as deep as what it names, where it stands.
        #expect(try YAMLText.json("[&a \(nested(16)), \(nested(15).replacing("1", with: "*a"))]", "it") != .null)
        #expect(throws: VarveError(.limit, "it is nested too deeply")) {
            try YAMLText.json("[&a \(nested(16)), \(nested(17).replacing("1", with: "*a"))]", "it")
        }
        // Deep blocks end as early as deep brackets: before the text does, which is wrong at its end.
        for part in ["- ", "? ", "[", "{a: "] {
            #expect(throws: VarveError(.limit, "it is nested too deeply")) {
                try YAMLText.json(String(repeating: part, count: 100_000) + "]", "it")
            }
        }
    }

    @Test func sizeIsCountedThroughAliases() throws {
        // 2^19 values are fine, twice as many aren't, however few bytes say so.
        func doubled(_ levels: Int) -> String {
            let levels = (1...levels).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
            return (["a0: &a0 1"] + levels).joined(separator: "\n")
        }
        #expect(try YAMLText.json(doubled(17), "it").objectValue?.members.count == 18)
        #expect(throws: VarveError(.limit, "it is too large")) { try YAMLText.json(doubled(19), "it") }
        #expect(throws: VarveError(.limit, "it is too long")) {
            try YAMLText.json(String(repeating: "#", count: 1 << 24 | 1), "it")
        }
    }

    /// Whatever is cut off or changed, there is JSON or an error.
    @Test func damageIsAnErrorOrOtherText() throws {
        let text = "a: &x {b: [1, 'two', \"th\\u0072ee\"], c: |\n    four\n  }\n? d\n: *x\n--- !t\n- - e # f\n"
        let bytes = Array(text.utf8)
        for end in bytes.indices { _ = try? YAMLText.json(String(decoding: bytes[..<end], as: UTF8.self), "it") }
        for at in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[at] ^= 1 << bit
                _ = try? YAMLText.json(String(decoding: changed, as: UTF8.self), "it")
            }
        }
    }
}
