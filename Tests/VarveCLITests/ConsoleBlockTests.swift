import Foundation
import Testing
import VarveTestSupport

/// Shows that console blocks of documents work when they are typed in: the first of each of these pages line by line, in an empty
/// directory; all of those that make pictures.
struct ConsoleBlockTests {
    @Test(
        arguments: [
            "README.md", "Docs/Records.md", "Docs/Artifacts.md", "Docs/Console.md", "Docs/Import.md", "Docs/Export.md",
        ])
    func everyCommandWorks(_ page: String) throws {
        let commands = Self.commands(try #require(try Self.blocks(page).first))
        #expect(commands.count >= 5)
        let shell = try Shell()
        for command in commands {
            let result = try shell.run(command)
            #expect(result.code == 0, "\(command)\n\(result.errors)")
        }
        if page == "README.md" { #expect(try shell.succeed("varve series loss").lines.count == 7) }
    }

    /// The pictures of Docs/Plots.md are made by the commands that stand there, all of them, as `Scripts/plots` runs them.
    @Test func everyPictureIsMade() throws {
        let page = "Docs/Plots.md"
        let commands = try Self.blocks(page).flatMap(Self.commands)
        let pictures = try Self.text(page).components(separatedBy: "](pictures/").dropFirst().compactMap {
            $0.components(separatedBy: ")").first
        }
        #expect(pictures.count >= 11 && Set(pictures).count == pictures.count)
        // Each is made by one command, and no other is.
        let made = commands.filter { $0.contains(" -o pictures/") }
        #expect(made.count == pictures.count)
        for picture in pictures { #expect(made.contains { $0.hasSuffix(" -o pictures/\(picture)") }, "\(picture)") }
        let shell = try Shell()
        let script = (["set -eu; mkdir pictures; unset VARVE_REPO COLUMNS LINES; export LC_ALL=C.UTF-8"] + commands)
        let result = try shell.run(script.joined(separator: "\n"), seconds: 300)
        #expect(result.code == 0, "\(result.errors)")
        for picture in pictures {
            #expect(try shell.succeed("head -c 5 pictures/\(picture)").output == "<svg ", "\(picture)")
        }
        // The three crashes: 400 steps in one curve, and 120 points beside it.
        for (option, points) in [("", 400), (" --all", 520)] {
            let series = "varve series loss --repo demo.varve --run training\(option)"
            #expect(try shell.succeed(series).lines.count == points + 1)
        }
        #expect(
            try shell.succeed("varve show training --repo demo.varve --format json | grep -o '\"attempt\": *3'").code
                == 0)
    }

    private static func text(_ page: String) throws -> String {
        try String(contentsOfFile: "\(PackagePaths.root)/\(page)", encoding: .utf8)
    }

    private static func blocks(_ page: String) throws -> [String] {
        try text(page).components(separatedBy: "```console\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    private static func commands(_ block: String) -> [String] {
        block.components(separatedBy: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
    }
}
