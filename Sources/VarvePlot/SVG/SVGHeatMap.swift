/// A grid of coloured cells, with the key of the colours at its right.
struct SVGHeatMap {
    private let content: HeatMap
    private let room: Box

    init(_ content: HeatMap, _ room: Box) {
        self.content = content
        self.room = room
    }

    func draw(to writer: inout SVGWriter) {
        guard !content.rows.isEmpty, !content.columns.isEmpty else { return }
        let names = content.rows.map { TextMeasure.clipped($0, to: room.width / 4, size: 12) }
        let margin = names.map { TextMeasure.width($0, size: 12) }.max() ?? 0
        let box = Box(
            left: room.left + margin + 10, top: room.top + 18, right: room.right - 90, bottom: room.bottom - 40)
        let (width, height) = (box.width / Double(content.columns.count), box.height / Double(content.rows.count))
        let scale = content.scale
        // Thin cells touch, so that no background shines through.
        let gap = min(width, height) > 12 ? 1.5 : 0
        for row in content.rows.indices {
            for column in content.columns.indices {
                guard let value = content.value(row: row, column: column) else { continue }
                let (x, y) = (box.left + Double(column) * width, box.top + Double(row) * height)
                draw(
                    value, scale, Box(left: x, top: y, right: x + width - gap, bottom: y + height - gap), gap,
                    to: &writer)
            }
        }
        drawNames(names, box, width: width, height: height, to: &writer)
        drawKey(scale, box, to: &writer)
    }

    private func draw(_ value: Double, _ scale: Scale, _ cell: Box, _ gap: Double, to writer: inout SVGWriter) {
        let share = scale.share(of: value)
        if let share {
            writer.rectangle(
                cell.left, cell.top, cell.width + (gap == 0 ? 0.4 : 0), cell.height + (gap == 0 ? 0.4 : 0),
                "style=\"fill:\(Palette.scaled(share).text)\"")
        } else if cell.width > 8, cell.height > 8 {
            LinePlotMark.draw(value, cell, to: &writer)
        }
        let text = NumberText.short(value)
        if cell.height >= 15, TextMeasure.width(text, size: 11) + 6 <= cell.width, share != nil {
            writer.words(
                text, (cell.left + cell.right) / 2, (cell.top + cell.bottom) / 2 + 4, "small middle",
                "style=\"fill:\((share ?? 0) > 0.55 ? "#1f2328" : "#ffffff")\"")
        }
    }

    private func drawNames(_ names: [String], _ box: Box, width: Double, height: Double, to writer: inout SVGWriter) {
        let every = max(1, Int((15 / height).rounded(.up)))
        for (row, name) in names.enumerated() where row % every == 0 {
            writer.words(name, box.left - 8, box.top + (Double(row) + 0.5) * height + 4, "end")
        }
        let columns = content.columns
        let widest = columns.prefix(500).map { TextMeasure.width($0, size: 12) }.max() ?? 0
        let room = min(widest + 10, box.width / 4)
        let step = max(1, Int((room / width).rounded(.up)))
        for column in stride(from: 0, to: columns.count, by: step) {
            let x = box.left + (Double(column) + 0.5) * width
            writer.words(
                TextMeasure.clipped(columns[column], to: Double(step) * width - 4, size: 12), x, box.bottom + 16,
                "middle")
        }
        writer.words(
            TextMeasure.clipped(content.rowTitle, to: box.width, size: 12), self.room.left, self.room.top + 8, "quiet")
        writer.words(
            TextMeasure.clipped(content.columnTitle, to: box.width, size: 12), (box.left + box.right) / 2,
            box.bottom + 34,
            "quiet middle")
    }

    private func drawKey(_ scale: Scale, _ box: Box, to writer: inout SVGWriter) {
        let left = box.right + 24
        for step in 0..<50 {
            let height = box.height / 50
            writer.rectangle(
                left, box.bottom - Double(step + 1) * height, 12, height + 0.5,
                "style=\"fill:\(Palette.scaled((Double(step) + 0.5) / 50).text)\"")
        }
        let axis = PlotAxis(content.valueTitle, isLogarithmic: content.isLogarithmic)
        let ticks = Ticks.fitting(axis, scale, most: max(2, Int(box.height / 40)), length: box.height) { _ in 18 }
        for tick in ticks {
            guard let share = scale.share(of: tick.value) else { continue }
            let y = box.bottom - share * box.height
            writer.words(TextMeasure.clipped(tick.text, to: 50, size: 11), left + 17, y + 4, "small")
        }
        writer.words(TextMeasure.clipped(content.valueTitle, to: 110, size: 12), room.right, room.top + 8, "quiet end")
    }
}

/// What stands in a cell whose value has no colour.
enum LinePlotMark {
    static func draw(_ value: Double, _ cell: Box, to writer: inout SVGWriter) {
        let kind: LinePlot.Mark.Kind =
            value.isNaN
            ? .nan : value == .infinity ? .positiveInfinite : value == -.infinity ? .negativeInfinite : .notPositive
        SVGLines.mark(kind, x: (cell.left + cell.right) / 2, y: (cell.top + cell.bottom) / 2, colour: "c", to: &writer)
    }
}
