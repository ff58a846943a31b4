/// A part of a picture, in pixels from its upper left corner.
struct Box: Hashable, Sendable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { max(1, right - left) }
    var height: Double { max(1, bottom - top) }
}

/// The title above and the notes below; what is between them is for the data.
struct SVGFrame {
    private let title: [String]
    private let notes: [String]
    private let width: Double
    private let height: Double
    /// Where the data, its axes and its legend go.
    let room: Box

    private static let margin = 14.0
    private static let noteHeight = 15.0

    init(_ plot: Plot, width: Double, height: Double) {
        self.width = width
        self.height = height
        let inner = width - 2 * Self.margin
        title = plot.title.isEmpty ? [] : [TextMeasure.clipped(plot.title, to: inner, size: 15)]
        // At most a quarter of the picture.
        let most = Int(height / 4 / Self.noteHeight)
        notes = plot.notes.prefix(most).map { TextMeasure.clipped($0, to: inner, size: 11) }
        room = Box(
            left: Self.margin, top: title.isEmpty ? 14 : 38, right: width - Self.margin,
            bottom: height - 10 - Double(notes.count) * Self.noteHeight)
    }

    func draw(to writer: inout SVGWriter) {
        for line in title { writer.words(line, Self.margin, 24, "title") }
        for (index, note) in notes.enumerated() {
            writer.words(
                note, Self.margin, height - 10 - Double(notes.count - 1 - index) * Self.noteHeight, "small quiet")
        }
    }
}
