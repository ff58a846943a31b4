import Foundation
import Testing

/// Shows that the first console block of each of these pages works when it is typed in, line by line, in an empty directory.
struct DocsConsoleTests {
    @Test(arguments: ["Records", "Artifacts", "Console", "Import", "Export"]) func everyCommandWorks(_ name: String)
        throws
    {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let page = try String(contentsOf: root.appendingPathComponent("Docs/\(name).md"), encoding: .utf8)
        let block = try #require(
            page.components(separatedBy: "```console\n").dropFirst().first?.components(separatedBy: "```").first)
        let commands = block.components(separatedBy: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        #expect(commands.count >= 5)
        let shell = try Shell()
        for command in commands {
            let result = try shell.run(command)
            #expect(result.code == 0, "\(command)\n\(result.errors)")
        }
    }
}
