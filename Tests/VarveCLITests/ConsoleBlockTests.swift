import Foundation
import Testing
import VarveTestSupport

/// Shows that the first console block of each of these pages works when it is typed in, line by line, in an empty directory.
struct ConsoleBlockTests {
    @Test(
        arguments: [
            "README.md", "Docs/Records.md", "Docs/Artifacts.md", "Docs/Console.md", "Docs/Import.md", "Docs/Export.md",
        ])
    func everyCommandWorks(_ page: String) throws {
        let text = try String(contentsOfFile: "\(PackagePaths.root)/\(page)", encoding: .utf8)
        let block = try #require(
            text.components(separatedBy: "```console\n").dropFirst().first?.components(separatedBy: "```").first)
        let commands = block.components(separatedBy: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        #expect(commands.count >= 5)
        let shell = try Shell()
        for command in commands {
            let result = try shell.run(command)
            #expect(result.code == 0, "\(command)\n\(result.errors)")
        }
        if page == "README.md" { #expect(try shell.succeed("varve series loss").lines.count == 7) }
    }
}
