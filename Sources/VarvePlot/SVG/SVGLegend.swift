/// The names of the lines, in a column to the right of the data: nothing is ever covered.
struct SVGLegend {
    private let title: String
    private let names: [(name: String, line: LinePlot.Line, index: Int)]
    private let hidden: Int
    private let marks: [(kind: LinePlot.Mark.Kind, count: Int)]
    /// How wide it is; 0: there is none.
    let width: Double

    private static let rowHeight = 18.0
    private static let sample = 24.0

    /// - Parameter room: what the data and the legend share.
    init(_ content: LinePlot, _ room: Box) {
        let named = content.lines.filter { $0.colour != nil }.enumerated().map { ($1.name, $1, $0) }
        let all = named.count == 1 && named[0].0.isEmpty ? [] : named
        let marks = content.markCounts
        let rows = Int(room.height / Self.rowHeight) - (content.legendTitle.isEmpty ? 0 : 1) - marks.count
        let shown = all.count <= rows ? all : Array(all.prefix(max(0, rows - 1)))
        hidden = all.count - shown.count
        self.marks = marks
        let most = room.width * 0.35 - Self.sample - 20
        names = shown.map { (TextMeasure.clipped($0.0, to: most, size: 12), $0.1, $0.2) }
        title = TextMeasure.clipped(content.legendTitle, to: most + Self.sample, size: 12)
        let widest = names.map { TextMeasure.width($0.name, size: 12) + Self.sample }
        let signs = marks.map { TextMeasure.width($0.kind.words, size: 12) + Self.sample }
        let widths = widest + signs + (names.isEmpty ? [] : [TextMeasure.width(title, size: 12)])
        width = widths.max().map { min($0, room.width * 0.4) + 18 } ?? 0
    }

    func draw(left: Double, top: Double, to writer: inout SVGWriter) {
        var y = top + 8
        if !title.isEmpty, !names.isEmpty {
            writer.words(title, left, y, "quiet")
            y += Self.rowHeight
        }
        for (name, line, index) in names {
            let colour = SVGLines.slot(line)
            if line.isDotted {
                writer.raw(
                    "<circle cx=\"\(SVGWriter.number(left + 9))\" cy=\"\(SVGWriter.number(y - 4))\" r=\"4\" class=\"dot f\(colour)\"/>\n"
                )
            } else {
                if !line.band.isEmpty { writer.rectangle(left, y - 9, 18, 10, "class=\"band f\(colour)\"") }
                writer.path([(left, y - 4), (left + 18, y - 4)], "line c\(colour)\(SVGLines.dash(index))")
            }
            writer.words(name, left + Self.sample, y, "name")
            y += Self.rowHeight
        }
        if hidden > 0 {
            writer.words("… \(hidden) more", left + Self.sample, y, "quiet")
            y += Self.rowHeight
        }
        for (kind, _) in marks {
            SVGLines.mark(kind, x: left + 9, y: y - 4, colour: "c", to: &writer)
            writer.words(kind.words, left + Self.sample, y, "quiet")
            y += Self.rowHeight
        }
    }
}
