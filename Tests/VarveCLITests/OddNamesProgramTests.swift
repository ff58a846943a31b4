import Foundation
import Testing
import Varve

/// What the program makes of names that look the same and are not, of control characters, separators and too many bytes: each
/// goes in, is found and comes out as it is, and none of them reaches a terminal as a command.
struct OddNamesProgramTests {
    private static let names = [
        "caf\u{E9}", "cafe\u{301}", "a\u{1}\u{7F}", "\u{1B}[2J", "two\nlines", "\u{9B}2J", "../../etc", "/a/b",
        "\u{1F600}",
        "\u{202E}x",
        "\u{301}x", "nul\u{0}nul",
    ]

    private func campaign() throws -> Shell {
        let shell = try Shell()
        let row = JSONValue.object(
            Self.names.enumerated().reduce(into: JSONObject()) { $0[$1.element] = .int(Int64($1.offset)) })
        // An argument can't hold a zero byte.
        let params = Self.names.dropLast().enumerated().map { "--param \(Self.quoted($1))=\($0)" }.joined(
            separator: " ")
        let tags = Self.names.dropLast().map { "--tag \(Self.quoted($0))" }.joined(separator: " ")
        try shell.succeed("varve log --run odd \(params) \(tags)", input: "\(row)\n")
        return shell
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    private static func same(_ a: String?, _ b: String) -> Bool { a.map { Array($0.utf8) == Array(b.utf8) } ?? false }

    @Test(arguments: [false, true]) func goInAndComeOut(_ compacted: Bool) throws {
        let shell = try campaign()
        if compacted { try shell.succeed("varve compact") }
        for (number, name) in Self.names.dropLast().enumerated() {
            let lines = try shell.succeed("varve series \(Self.quoted(name)) --format jsonl").lines
            #expect(lines.count == 1, "\(name)")
            let point = try JSONValue(parsing: lines.first ?? "")
            #expect(Self.same(point["metric"]?.stringValue, name) && point["value"]?.doubleValue == Double(number))
            let condition = "params[\"\(name)\"] == \(number)"
            #expect(
                try shell.succeed("varve runs --where \(Self.quoted(condition)) | cut -f 2").lines == ["name", "odd"])
            let other = "params[\"\(name)\"] == \(number + 100)"
            #expect(try shell.succeed("varve runs --where \(Self.quoted(other))").lines.count == 1)
        }
        let metrics = try shell.succeed("varve metrics --format jsonl").lines.map { try JSONValue(parsing: $0) }
        for name in Self.names { #expect(metrics.count { Self.same($0["metric"]?.stringValue, name) } == 1, "\(name)") }
        let page = try JSONValue(parsing: shell.succeed("varve show odd --format json").output)
        let params = try #require(page["params"]?.objectValue)
        let tags = page["tags"]?.arrayValue ?? []
        for (number, name) in Self.names.dropLast().enumerated() {
            #expect(params[name] == .int(Int64(number)), "\(name)")
            #expect(tags.count { Self.same($0.stringValue, name) } == 1, "\(name)")
        }
        #expect(params.count == Self.names.count - 1 && tags.count == Self.names.count - 1)
        let again = try shell.succeed("varve export jsonl --run odd").lines.last.map { try JSONValue(parsing: $0) }
        #expect(again != nil)
    }

    /// Nothing but text, line ends and the program's own colours reaches a terminal, and every line is a line.
    @Test func reachNoTerminalRaw() throws {
        let shell = try campaign()
        for verb in [
            "runs", "show odd", "metrics", "series ../../etc", "runs --where \\\"params.x == 1\\\"", "verify", "du",
        ] {
            for format in ["", "--format table", "--format tsv", "--format csv", "--format json"] {
                guard format.isEmpty || verb != "verify" else { continue }
                let command = "varve \(verb) \(format)"
                let output = try shell.run(
                    "COLUMNS=300 script -qec \"\(command)\" /dev/null < /dev/null | sed 's/\\x1b\\[[0-9]*m//g; s/\\x1b\\[K//g'"
                ).output
                #expect(!output.isEmpty, "\(command)")
                let raw = output.unicodeScalars.filter {
                    $0.value < 0x20 && !"\n\t\r".unicodeScalars.contains($0) || (0x7F..<0xA0).contains($0.value)
                        || $0 == "\u{202E}" && !format.hasSuffix("json")
                }
                #expect(raw.isEmpty, "\(command): \(raw.map(\.value))")
            }
        }
        // A pipe gets what is there, byte for byte.
        #expect(try shell.succeed("varve metrics --format csv").output.contains("\u{1B}[2J"))
        let refused = try shell.run("varve series $'\\033[2Jnosuch'")
        #expect(refused.code == 1 && !refused.errors.contains("\u{1B}"))
    }

    /// Swift takes `params.` with an accent after it for a word that doesn't begin with `params.`.
    @Test func paramsMayBeginWithAnAccent() throws {
        let shell = try Shell()
        for value in 1...2 {
            try shell.succeed(
                "varve log --run r\(value) --param '\u{301}x=\(value)'", input: "{\"loss\": \(value)}\n")
        }
        let header = try #require(try shell.succeed("varve runs --format tsv").lines.first)
        #expect(header.split(separator: "\t").contains { Self.same(String($0), "params.\u{301}x") }, "\(header)")
        let table = try shell.succeed("varve runs --format table").output
        #expect(!table.unicodeScalars.split(separator: "\n")[0].contains(".") && table.contains("1"), "\(table)")
        let report = try shell.succeed("varve report --format csv").lines
        #expect(report.count == 3, "\(report)")
        let grouped = try shell.succeed("varve report --groupby 'params.\u{301}x' --format csv").lines
        #expect(
            grouped.count == 3 && Self.same(grouped[0].split(separator: ",").first.map(String.init), "params.\u{301}x"))
        let legend = try shell.succeed("varve plot loss --group-by 'params.\u{301}x' --width 80").output
        #expect(legend.unicodeScalars.contains("\u{301}") && legend.contains("B 2"), "\(legend)")
    }

    @Test func tooLongOnesAreRefused() throws {
        let shell = try Shell()
        let long = String(repeating: "x", count: 64 << 10)
        let row = try shell.run("varve log --run long", input: "{\"\(long)\": 1, \"ok\": 2}\n")
        #expect(row.code == 0 && row.errors.contains("is not kept") && row.errors.contains("1024"), "\(row.errors)")
        #expect(row.errors.utf8.count < 1_000)
        let param = try shell.run("varve log --run long --param \(long)=1", input: "{\"ok\": 2}\n")
        #expect(param.code == 1 && param.errors.contains("1024"), "\(param.errors.prefix(300))")
        let unknown = try shell.run("varve series \(long)")
        #expect(unknown.code == 1 && !unknown.errors.isEmpty)
        #expect(try shell.run("varve runs --where \(Self.quoted("params." + long + " == 1"))").code != 0)
    }
}
