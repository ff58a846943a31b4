import Testing
import Varve

@testable import VarveCLI

/// Shows what the program takes for steps, pairs, typed params, and the place of the repository.
struct ArgumentsTests {
    @Test func steps() {
        #expect(StepRange(argument: "3..7")?.range == 3...7)
        #expect(StepRange(argument: "3..")?.range == 3...Int.max)
        #expect(StepRange(argument: "..7")?.range == Int.min...7)
        #expect(StepRange(argument: "-5..-2")?.range == -5...(-2))
        #expect(StepRange(argument: "4")?.range == 4...4)
        for text in ["", "..", "7..3", "a..b", "1...3", "1..2..3", "99999999999999999999"] {
            #expect(StepRange(argument: text) == nil, "\(text)")
        }
    }

    @Test func params() {
        let known: [(String, PropertyValue)] = [
            ("3", 3), ("-3", -3), ("3.0", 3.0), ("1e-3", 0.001), ("true", true), ("false", false), ("True", "True"),
            ("", ""),
            ("adam", "adam"), ("-inf", .double(-.infinity)), ("\"3\"", "3"), ("[1, 2]", .json("[1, 2]")), ("[1", "[1"),
            ("a=b", "a=b"), ("0x10", "0x10"), ("infinite", "infinite"), ("99999999999999999999", 1e20),
        ]
        for (text, value) in known { #expect(KeyValue(argument: "k=\(text)")?.typed == value, "\(text)") }
        #expect(KeyValue(argument: "novalue") == nil && KeyValue(argument: "=1") == nil)
        #expect([KeyValue(argument: "a=1"), KeyValue(argument: "a=2")].compactMap { $0 }.dictionary == ["a": "2"])
    }

    @Test func repositoryIsFoundUpwards() {
        func path(
            option: String? = nil, variable: String? = nil, at directory: String = "/home/me/a/b",
            _ files: [String] = []
        ) -> String {
            RepositoryLocator(option: option, environment: variable, workingDirectory: directory) { files.contains($0) }
                .path
        }
        #expect(path() == ".varve")
        #expect(path(option: "x", variable: "y", ["/home/me/a/b/.varve/varve.json"]) == "x")
        #expect(path(variable: "y", ["/home/me/a/b/.varve/varve.json"]) == "y")
        #expect(path(option: ".", ["./.varve/varve.json"]) == "./.varve")
        #expect(path(option: ".", ["./varve.json", "./.varve/varve.json"]) == ".")
        #expect(path(variable: "y/", ["y/.varve/varve.json"]) == "y/.varve")
        #expect(path(variable: "", ["/home/me/a/b/.varve/varve.json"]) == ".varve")
        #expect(path(["/home/me/a/b/varve.json"]) == ".")
        #expect(path(["/home/me/.varve/varve.json", "/home/me/a/.varve/varve.json"]) == "/home/me/a/.varve")
        #expect(path(["/home/me/varve.json"]) == "/home/me")
        #expect(path(["/.varve/varve.json"]) == "/.varve")
        #expect(path(at: "/", ["/varve.json"]) == ".")
    }

    @Test func shortIDsNameOneRun() {
        func id(_ text: String) -> RunID { RunID(UniqueID(text) ?? .zero) }
        let a = id("019ab3c0-1234-7abc-8def-000000000001")
        let b = id("019ab3c0-1234-7abc-8def-000000000002")
        let c = id("019ab3c0-1235-7abc-8def-000000000001")
        let d = id("019ab3c1-1234-7abc-8def-000000000001")
        #expect(ShortIDs([a])[a] == "019ab3c0" && ShortIDs([])[a] == "019ab3c0")
        #expect(ShortIDs([a, d])[a] == "019ab3c0")
        #expect(ShortIDs([c, a])[a] == "019ab3c0-1234")
        #expect(ShortIDs([a, b])[a] == a.description)
    }
}
