import Foundation
import FoundationXML
import Testing
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that no data and no name breaks a picture: whatever is in it, a terminal's lines fit and command nothing, and an SVG is
/// well-formed XML whose numbers are numbers.
struct HostileTests {
    private static let names = [
        "", "\u{1B}[2J\u{1B}]0;title\u{7}", "a\nb\tc", "<script>alert(1)</script>&\"'", "\u{202E}abc", "日本語のとても長い名前",
        String(repeating: "x", count: 5000), "\u{FFFE}\u{FFFF}\u{0}", "e\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦", "]]>",
    ]

    private static func name(_ random: inout SplitMix64) -> String {
        names[Int.random(in: 0..<names.count, using: &random)]
    }

    private static func check(_ plot: Plot, _ story: String) throws {
        for (width, height) in [(80, 24), (20, 6), (33, 9)] {
            for style in [
                TerminalStyle(), TerminalStyle(marks: .ascii), TerminalStyle(marks: .blocks, colours: .many),
                TerminalStyle(colours: .sixteen),
            ] {
                let lines = TerminalPlot(plot, width: width, height: height, style: style).lines
                try require(lines.count <= height, "\(lines.count) lines of \(height): \(story)")
                for line in lines {
                    let bare = Self.withoutColours(line)
                    try require(
                        !bare.unicodeScalars.contains {
                            $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0 == "\u{202E}"
                        },
                        "a command in \(line.debugDescription): \(story)")
                    try require(
                        PlainText.width(bare) <= width, "\(PlainText.width(bare)) columns of \(width): \(story)")
                    try require(style.colours != .none || !line.contains("\u{1B}"), "a colour: \(story)")
                    try require(style.marks != .ascii || bare.allSatisfy(\.isASCII), "\(bare) isn't ASCII: \(story)")
                }
            }
        }
        for (width, height) in [(800, 450), (200, 200)] {
            let svg = SVGPlot(plot, width: width, height: height).text
            let parser = XMLParser(data: Data(svg.utf8))
            let reader = NumberReader()
            parser.delegate = reader
            try require(parser.parse(), "not XML: \(String(describing: parser.parserError)): \(story)")
            try require(reader.oddities.isEmpty, "\(reader.oddities.prefix(3)): \(story)")
        }
    }

    /// Without the sequences that set colours; any other one stays.
    private static func withoutColours(_ line: String) -> String {
        var parts = line.components(separatedBy: "\u{1B}[")
        for index in parts.indices.dropFirst() {
            let digits = parts[index].prefix { $0.isASCII && $0.isNumber || $0 == ";" }
            let rest = parts[index].dropFirst(digits.count)
            parts[index] = rest.first == "m" ? String(rest.dropFirst()) : "\u{1B}[" + parts[index]
        }
        return parts.joined()
    }

    /// Finds attributes that should be numbers and aren't.
    private final class NumberReader: NSObject, XMLParserDelegate {
        var oddities: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            for (key, value) in attributes {
                if ["x", "y", "x1", "x2", "y1", "y2", "width", "height", "cx", "cy", "r", "stroke-opacity"].contains(
                    key)
                {
                    if Double(value).map({ !$0.isFinite }) ?? true { oddities.append("\(name) \(key)=\(value)") }
                }
                if key == "d", value.contains("n") || value.contains("i") || value.isEmpty {
                    oddities.append("d=\(value.prefix(60))")
                }
                if key.hasPrefix("on") || name == "script" { oddities.append("\(name) \(key)") }
            }
            if name == "script" { oddities.append(name) }
        }
    }

    private static func axis(_ random: inout SplitMix64) -> PlotAxis {
        let kinds: [PlotAxis.Kind] = [
            .number, .step, .duration, .time, .words([name(&random), name(&random)]), .words([]),
        ]
        var axis = PlotAxis(name(&random), kinds[Int.random(in: 0..<6, using: &random)])
        if axis.kind == .number || axis.kind == .step { axis.isLogarithmic = Bool.random(using: &random) }
        if Int.random(in: 0..<5, using: &random) == 0 { axis.low = HostileNumbers.number(&random) }
        if Int.random(in: 0..<5, using: &random) == 0 { axis.high = HostileNumbers.number(&random) }
        return axis
    }

    private static func lines(_ random: inout SplitMix64) -> Plot {
        let lines = (0..<Int.random(in: 0...40, using: &random)).map { index in
            var line = LinePlot.Line(name: name(&random), colour: Bool.random(using: &random) ? index : nil)
            func strokes() -> [LinePlot.Stroke] {
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    LinePlot.Stroke(
                        (0..<Int.random(in: 1...20, using: &random)).map { _ in
                            PlotPoint(HostileNumbers.number(&random), HostileNumbers.number(&random))
                        }, isPartial: Bool.random(using: &random))
                }
            }
            line.strokes = strokes()
            line.faint = strokes()
            line.band = [
                (0..<Int.random(in: 0...9, using: &random)).map { _ in
                    LinePlot.BandPoint(
                        x: HostileNumbers.number(&random), low: HostileNumbers.number(&random),
                        high: HostileNumbers.number(&random))
                }
            ]
            line.marks = LinePlot.Mark.Kind.allCases.filter { _ in Bool.random(using: &random) }.map {
                LinePlot.Mark(x: HostileNumbers.number(&random), $0)
            }
            line.isDotted = Int.random(in: 0..<4, using: &random) == 0
            return line
        }
        return Plot(
            title: name(&random), notes: (0..<Int.random(in: 0...6, using: &random)).map { _ in name(&random) },
            content: .lines(LinePlot(x: axis(&random), y: axis(&random), legendTitle: name(&random), lines: lines)))
    }

    @Test func anyLines() {
        withSeeds(0..<40) { seed, random in try Self.check(Self.lines(&random), "seed \(seed)") }
    }

    @Test func anyParallelsAndHeatMaps() {
        withSeeds(0..<20) { seed, random in
            func numbers(_ count: Int) -> [Double?] {
                (0..<count).map { _ in Bool.random(using: &random) ? HostileNumbers.number(&random) : nil }
            }
            let axes = (0..<Int.random(in: 0...14, using: &random)).map { _ in Self.axis(&random) }
            let rows = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                numbers(Int.random(in: 0...15, using: &random))
            }
            try Self.check(
                Plot(title: Self.name(&random), content: .parallel(ParallelPlot(axes: axes, rows: rows))),
                "seed \(seed)")
            let columns = (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.name(&random) }
            let names = (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.name(&random) }
            try Self.check(
                Plot(
                    title: Self.name(&random), notes: [Self.name(&random)],
                    content: .heatMap(
                        HeatMap(
                            columnTitle: Self.name(&random), columns: columns, rowTitle: Self.name(&random),
                            rows: names,
                            valueTitle: Self.name(&random),
                            values: (0..<Int.random(in: 0...40, using: &random)).map { _ in numbers(40) },
                            isLogarithmic: Bool.random(using: &random)))), "seed \(seed)")
        }
    }

    @Test func extremesOfOneKind() throws {
        for value in HostileNumbers.all {
            for isLogarithmic in [false, true] {
                var line = Scenes.line("x", 0, [(0, value), (1, value)])
                line.band = [
                    [
                        LinePlot.BandPoint(x: value, low: value, high: value),
                        LinePlot.BandPoint(x: 1, low: -value, high: value),
                    ]
                ]
                try Self.check(
                    Plot(
                        title: "\(value)",
                        content: .lines(
                            LinePlot(
                                x: PlotAxis("x", isLogarithmic: isLogarithmic),
                                y: PlotAxis("y", isLogarithmic: isLogarithmic), lines: [line]))), "\(value)")
            }
        }
        try Self.check(
            Plot(title: "", content: .lines(LinePlot(x: PlotAxis(""), y: PlotAxis(""), lines: []))), "nothing")
    }

    @Test func tenThousandSeries() throws {
        var lines = (0..<10_000).map { index in
            Scenes.line("run \(index)", index < 500 ? index : nil, (0..<8).map { (Double($0), Double(index * $0)) })
        }
        lines[0].name = "\u{1B}[31m"
        try Self.check(
            Plot(title: "many", content: .lines(LinePlot(x: PlotAxis("x"), y: PlotAxis("y"), lines: lines))), "many")
    }
}
