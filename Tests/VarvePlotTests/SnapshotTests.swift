import Foundation
import Testing

@testable import VarvePlot

/// Shows that pictures change only on purpose: each kind stands in Snapshots/, as text and as SVG. After a look at the
/// difference, `VARVE_SNAPSHOTS=write swift test --filter VarvePlotTests.SnapshotTests` writes them anew.
struct SnapshotTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Snapshots")

    private func compare(_ text: String, _ name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["VARVE_SNAPSHOTS"] == "write" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        let lines = zip(text.components(separatedBy: "\n"), expected.components(separatedBy: "\n"))
        for (number, (line, wanted)) in lines.enumerated() where line != wanted {
            Issue.record("\(name):\(number + 1): \(line)\nnot \(wanted)")
            return
        }
        #expect(text.utf8.count == expected.utf8.count, "\(name)")
    }

    @Test(arguments: Scenes.all.map(\.0)) func picturesAreAsReviewed(_ name: String) throws {
        let plot = try #require(Scenes.all.first { $0.0 == name }?.1)
        var text = ""
        for (title, style) in [
            ("braille, no colour", TerminalStyle()),
            ("blocks, 16 colours", TerminalStyle(marks: .blocks, colours: .sixteen)),
            ("braille, 256 colours", TerminalStyle(colours: .many)), ("ascii", TerminalStyle(marks: .ascii)),
        ] {
            let lines = TerminalPlot(plot, width: 60, height: 18, style: style).lines
            text += "==== \(title)\n" + lines.joined(separator: "\n").replacing("\u{1B}", with: "ESC") + "\n"
        }
        try compare(text, "\(name).txt")
        try compare(SVGPlot(plot, width: 480, height: 300).text, "\(name).svg")
    }

    @Test func themesDiffer() {
        let plot = Scenes.lines
        let light = SVGPlot(plot, theme: .light).text
        let dark = SVGPlot(plot, theme: .dark).text
        #expect(light.contains("#0072b2") && !light.contains("@media") && !light.contains(Palette.dark[0].text))
        #expect(dark.contains(Palette.dark[0].text) && !dark.contains("#0072b2"))
        #expect(SVGPlot(plot).text.contains("prefers-color-scheme:dark"))
    }
}
