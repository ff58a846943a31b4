/// Parallel coordinates.
struct SVGParallel {
    private let content: ParallelPlot
    private let room: Box

    init(_ content: ParallelPlot, _ room: Box) {
        self.content = content
        self.room = room
    }

    func draw(to writer: inout SVGWriter) {
        guard !content.axes.isEmpty else { return }
        let slot = room.width / Double(content.axes.count)
        let margin = min(60, slot / 2)
        let (top, bottom) = (room.top + 30, room.bottom - 8)
        func x(_ axis: Int) -> Double {
            content.axes.count == 1
                ? (room.left + room.right) / 2
                : room.left + margin + Double(axis) * (room.width - 2 * margin) / Double(content.axes.count - 1)
        }
        let opacity = max(0.15, min(0.85, 40 / Double(max(1, content.rows.count))))
        writer.raw("<g stroke-opacity=\"\(Double(Int(opacity * 100)) / 100)\">\n")
        for shape in content.shapes {
            let places = shape.places.map { (axis: $0.axis, x: x($0.axis), y: bottom - $0.share * (bottom - top)) }
            var piece: [(x: Double, y: Double)] = []
            func end() {
                if piece.count > 1 {
                    let colour = shape.colour.map { " style=\"stroke:\(Palette.scaled($0).text)\"" } ?? ""
                    writer.raw(
                        "<path d=\"\(Self.curve(piece))\" class=\"\(shape.colour == nil ? "cloud c" : "line")\"\(colour)/>\n"
                    )
                }
                piece = []
            }
            for (index, place) in places.enumerated() {
                if index > 0, places[index - 1].axis + 1 != place.axis { end() }
                piece.append((place.x, place.y))
            }
            end()
        }
        writer.raw("</g>\n")
        for (index, axis) in content.axes.enumerated() {
            draw(axis, index, x(index), slot: slot, top: top, bottom: bottom, to: &writer)
        }
    }

    /// A soft line: it leaves and reaches each axis at a right angle, so that the eye can follow it across.
    private static func curve(_ places: [(x: Double, y: Double)]) -> String {
        func n(_ value: Double) -> String { SVGWriter.number(value) }
        var data = "M\(n(places[0].x)) \(n(places[0].y))"
        for (a, b) in zip(places, places.dropFirst()) {
            let middle = n((a.x + b.x) / 2)
            data += "C\(middle) \(n(a.y)) \(middle) \(n(b.y)) \(n(b.x)) \(n(b.y))"
        }
        return data
    }

    private func draw(
        _ axis: PlotAxis, _ index: Int, _ x: Double, slot: Double, top: Double, bottom: Double,
        to writer: inout SVGWriter
    ) {
        let scale = content.scale(index)
        let isLast = index == content.axes.count - 1
        writer.words(TextMeasure.clipped(axis.title, to: slot - 6, size: 12), x, room.top + 12, "middle")
        if isLast {
            // The last axis is the key of the colours.
            for step in 0..<40 {
                let height = (bottom - top) / 40
                writer.rectangle(
                    x - 3, bottom - Double(step + 1) * height, 6, height + 0.5,
                    "style=\"fill:\(Palette.scaled((Double(step) + 0.5) / 40).text)\"")
            }
        } else {
            writer.line(x, top, x, bottom, "axis")
        }
        let ticks = Ticks.fitting(axis, scale, most: max(2, Int((bottom - top) / 40)), length: bottom - top) { _ in 18 }
        for tick in ticks {
            guard let share = scale.share(of: tick.value) else { continue }
            let y = bottom - share * (bottom - top)
            let text = TextMeasure.clipped(tick.text, to: isLast ? 46 : slot - 14, size: 11)
            if isLast {
                writer.words(text, x + 8, y + 4, "small")
            } else {
                writer.line(x - 4, y, x, y, "axis")
                writer.words(text, x - 7, y + 4, "small end halo")
            }
        }
    }
}
