import Testing

@testable import VarveBenchmarks

/// Shows that the figures of scaling are read back out of measurements, and that the chart holds each curve in its panel.
struct ScalingTests {
    private let measurements = [10, 100].flatMap { size in
        ScalingQuestion.allCases.map { question in
            Measurement("scaling", "runs \(size): \(question.rawValue)", Double(size) / 4, question.unit)
        }
    }

    @Test func figuresComeFromMeasurements() {
        let odd = [
            Measurement("open", "runs 10: open", 1, "ms"), Measurement("scaling", "apes 10: open", 1, "ms"),
            Measurement("scaling", "nonsense", 1, "ms"),
        ]
        let figures = ScalingFigures(measurements + odd)
        #expect(figures.sizes(.runs) == [10, 100] && figures.sizes(.points).isEmpty)
        #expect(figures.value(.open, .runs, 100) == 25)
        #expect(figures.lines.contains { $0.hasPrefix("| 100 | 25.0 |") })
        #expect(figures.lines.contains { $0.hasPrefix("| the last step, ×10 | ×10.0 |") })
    }

    @Test func chartHasEveryCurve() {
        let text = ScalingChart(ScalingFigures(measurements)).text
        #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n"))
        // Four questions of time, three of memory, two of bytes.
        #expect(text.split(separator: "<polyline").count - 1 == 9)
        #expect(text.contains(">10²<") && !text.contains("nan") && !text.contains("inf"))
    }

    @Test func marksAreReplacedBetween() {
        let text = "a\n\(MarkedText.begin)\nold\n\(MarkedText.end)\nb\n"
        #expect(
            MarkedText(text)?.replacing(with: ["new", "er"])
                == "a\n\(MarkedText.begin)\nnew\ner\n\(MarkedText.end)\nb\n")
        #expect(MarkedText("a\n\(MarkedText.begin)\nold") == nil)
        #expect(MarkedText(text + text) == nil)
    }
}
