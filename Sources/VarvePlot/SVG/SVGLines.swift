/// Lines, bands and dots over two axes.
struct SVGLines {
    private let content: LinePlot
    private let xScale: Scale
    private let yScale: Scale
    private let legend: SVGLegend
    private let room: Box
    private let box: Box
    private let xTicks: [Tick]
    private let yTicks: [Tick]

    init(_ content: LinePlot, _ room: Box) {
        self.content = content
        self.room = room
        xScale = content.xScale
        yScale = content.yScale
        legend = SVGLegend(content, room)
        var box = room
        box.right -= legend.width
        box.bottom -= content.x.title.isEmpty ? 22 : 42
        if !content.y.title.isEmpty { box.top += 16 }
        let marks = content.markCounts.map(\.kind)
        // A lane of its own for marks, so that they don't cover data.
        let upper = marks.contains(.positiveInfinite) ? 14.0 : 0
        let lower = marks.contains { $0 != .positiveInfinite } ? 14.0 : 0
        let height = box.height - upper - lower
        yTicks = Ticks.fitting(content.y, yScale, most: max(2, Int(height / 38)), length: height) { _ in 20 }
        let widest = yTicks.map { TextMeasure.width($0.text, size: 12) }.max() ?? 0
        box.left += min(widest, box.width / 3) + 10
        let width = box.width
        xTicks = Ticks.fitting(content.x, xScale, most: max(2, Int(width / 60)), length: width) {
            TextMeasure.width($0, size: 12) + 14
        }
        self.box = Box(left: box.left, top: box.top + upper, right: box.right, bottom: box.bottom - lower)
        lane = lower
    }

    /// The height of the lane for marks below the data.
    private let lane: Double

    private func x(_ value: Double) -> Double? { xScale.share(of: value).map { box.left + $0 * box.width } }
    private func y(_ value: Double) -> Double? { yScale.share(of: value).map { box.bottom - $0 * box.height } }

    /// The class of a line's colour, without the letter before it.
    static func slot(_ line: LinePlot.Line) -> String { line.colour.map { "\($0 % Palette.count)" } ?? "c" }

    /// Lines beyond the palette are told apart by dashes.
    static func dash(_ index: Int) -> String {
        switch index / Palette.count % 3 {
        case 0: ""
        case 1: " dash1"
        default: " dash2"
        }
    }

    func draw(to writer: inout SVGWriter) {
        drawAxes(to: &writer)
        writer.raw(
            "<clipPath id=\"data\"><rect x=\"\(SVGWriter.number(box.left))\" y=\"\(SVGWriter.number(box.top - 1))\" "
                + "width=\"\(SVGWriter.number(box.width))\" height=\"\(SVGWriter.number(box.height + 2))\"/></clipPath>\n"
                + "<g clip-path=\"url(#data)\">\n")
        for line in content.lines { for piece in line.band { draw(piece, "band f\(Self.slot(line))", to: &writer) } }
        for line in content.lines { draw(line.faint, "faint c\(Self.slot(line))", to: &writer) }
        let cloud = content.lines.count { $0.colour == nil }
        if cloud > 0 {
            // The more lines, the fainter each: where many lie it is dark all the same.
            let opacity = max(0.18, min(0.6, 20 / Double(cloud)))
            writer.raw("<g stroke-opacity=\"\(Double(Int(opacity * 100)) / 100)\">\n")
            for line in content.lines where line.colour == nil && !line.isDotted {
                draw(line.strokes, "cloud c", to: &writer)
            }
            writer.raw("</g>\n")
        }
        var index = 0
        for line in content.lines where line.colour != nil && !line.isDotted {
            draw(line.strokes, "line c\(Self.slot(line))\(Self.dash(index))", to: &writer)
            index += 1
        }
        writer.raw("</g>\n")
        for line in content.lines where line.isDotted { drawDots(line, to: &writer) }
        for line in content.lines {
            var last: [LinePlot.Mark.Kind: Double] = [:]
            for mark in line.marks {
                guard let x = x(mark.x), x >= box.left - 1, x <= box.right + 1 else { continue }
                // Of a row of them as many as can be told apart.
                if let before = last[mark.kind], (x - before).magnitude < 7 { continue }
                last[mark.kind] = x
                let y = mark.kind == .positiveInfinite ? box.top - 7 : box.bottom + lane / 2
                Self.mark(
                    mark.kind, x: x, y: y, colour: "c\(line.colour.map { "\($0 % Palette.count)" } ?? "")", to: &writer)
            }
        }
        if legend.width > 0 { legend.draw(left: box.right + 18, top: box.top, to: &writer) }
    }

    // MARK: Axes

    private func drawAxes(to writer: inout SVGWriter) {
        for tick in yTicks {
            guard let y = y(tick.value) else { continue }
            writer.line(box.left, y, box.right, y, "grid")
            writer.words(
                TextMeasure.clipped(tick.text, to: box.left - room.left, size: 12), box.left - 6, y + 4, "end")
        }
        let bottom = box.bottom + lane
        for tick in xTicks {
            guard let x = x(tick.value) else { continue }
            writer.line(x, bottom, x, bottom + 5, "axis")
            // A text at an end of the axis stays within the picture.
            let half = TextMeasure.width(tick.text, size: 12) / 2
            writer.words(
                tick.text, max(room.left + half, min(box.right + min(legend.width, 12) - half + 6, x)), bottom + 18,
                "middle")
        }
        writer.line(box.left, bottom, box.right, bottom, "axis")
        writer.words(
            TextMeasure.clipped(content.y.title, to: box.right - room.left, size: 12), room.left,
            room.top + 6, "quiet")
        writer.words(
            TextMeasure.clipped(content.x.title, to: box.width, size: 12), (box.left + box.right) / 2, bottom + 36,
            "quiet middle")
    }

    // MARK: Data

    private func draw(_ strokes: [LinePlot.Stroke], _ style: String, to writer: inout SVGWriter) {
        for stroke in strokes {
            let places = stroke.points.compactMap { point -> (x: Double, y: Double)? in
                guard let x = x(point.x), let y = y(point.y) else { return nil }
                return (x, y)
            }
            writer.path(places, stroke.isPartial ? style + " partial" : style)
        }
    }

    private func draw(_ piece: [LinePlot.BandPoint], _ style: String, to writer: inout SVGWriter) {
        var (low, high): ([(x: Double, y: Double)], [(x: Double, y: Double)]) = ([], [])
        for point in piece {
            // On a logarithmic axis a band may reach down to what has no place: then to the edge.
            guard let x = x(point.x), let upper = y(point.high) else { continue }
            low.append((x, y(point.low) ?? box.bottom))
            high.append((x, upper))
        }
        if low.count > 1 { writer.path(high + low.reversed(), style, closed: true) }
    }

    private func drawDots(_ line: LinePlot.Line, to writer: inout SVGWriter) {
        for point in line.strokes.lazy.flatMap(\.points) {
            guard let x = x(point.x), let y = y(point.y), x >= box.left - 1, x <= box.right + 1, y >= box.top - 1,
                y <= box.bottom + 1
            else { continue }
            writer.raw(
                "<circle cx=\"\(SVGWriter.number(x))\" cy=\"\(SVGWriter.number(y))\" r=\"3.5\" class=\"dot f\(Self.slot(line))\"/>\n"
            )
        }
    }

    static func mark(_ kind: LinePlot.Mark.Kind, x: Double, y: Double, colour: String, to writer: inout SVGWriter) {
        func n(_ value: Double) -> String { SVGWriter.number(value) }
        let shape =
            switch kind {
            case .nan: "M\(n(x - 3)) \(n(y - 3))l6 6m0 -6l-6 6"
            case .positiveInfinite: "M\(n(x - 4)) \(n(y + 3))l4 -7l4 7z"
            case .negativeInfinite: "M\(n(x - 4)) \(n(y - 3))l4 7l4 -7z"
            case .notPositive: "M\(n(x - 3)) \(n(y + 3))h6"
            }
        writer.raw("<path d=\"\(shape)\" class=\"line \(colour)\"/>\n")
    }
}
