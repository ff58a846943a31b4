import ArgumentParser
import Foundation
import Testing

@testable import VarveCLI

/// Shows that help texts change only on purpose: all of them stand in Snapshots/help.txt, which
/// `VARVE_SNAPSHOTS=write swift test --filter HelpTests` writes anew.
struct HelpTests {
    @Test func helpIsAsReviewed() throws {
        let text = Self.pages(VarveProgram.self, "varve").joined(separator: "\n")
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Snapshots/help.txt")
        if ProcessInfo.processInfo.environment["VARVE_SNAPSHOTS"] == "write" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        for (line, wanted) in zip(text.components(separatedBy: "\n"), expected.components(separatedBy: "\n"))
        where line != wanted {
            Issue.record("help says \"\(line)\", the snapshot \"\(wanted)\"")
            break
        }
        #expect(text.utf8.count == expected.utf8.count)
    }

    /// Every page fits a terminal of 80 columns, but for usage lines, which terminals wrap.
    @Test func helpFitsATerminal() {
        for line in Self.pages(VarveProgram.self, "varve").joined(separator: "\n").components(separatedBy: "\n")
        where !line.hasPrefix("USAGE:") {
            #expect(HumanText.width(line) <= 80, "\(line)")
        }
    }

    private static func pages(_ command: any ParsableCommand.Type, _ name: String) -> [String] {
        var pages = ["==== \(name) --help\n\(VarveProgram.helpMessage(for: command, columns: 80))"]
        let groups = command.configuration.groupedSubcommands.flatMap(\.subcommands)
        for child in groups + command.configuration.ungroupedSubcommands where child.configuration.shouldDisplay {
            pages += Self.pages(child, "\(name) \(child._commandName)")
        }
        return pages
    }
}
