/// Dots, several a character, in layers: a character shows the dots of its highest layer alone, so that a line stays legible
/// over a band.
struct DotCanvas {
    let columns: Int
    let rows: Int
    /// Dots a character.
    let across: Int
    let down: Int
    private var bits: [UInt8]
    private var owners: [Int32]
    private let marks: TerminalStyle.Marks

    /// From the lowest to the highest.
    enum Layer: Int, CaseIterable {
        case band, faint, cloud, line
    }

    init(columns: Int, rows: Int, marks: TerminalStyle.Marks) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        self.marks = marks
        (across, down) = marks == .braille ? (2, 4) : marks == .blocks ? (2, 2) : (1, 1)
        bits = Array(repeating: 0, count: self.columns * self.rows * Layer.allCases.count)
        owners = Array(repeating: -1, count: bits.count)
    }

    var width: Int { columns * across }
    var height: Int { rows * down }

    /// Braille's numbering of dots, by row, then column.
    private static let braille: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    /// Quarters: upper left 1, upper right 2, lower left 4, lower right 8.
    private static let quarters: [Character] = [
        " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
    ]

    private func place(_ column: Int, _ row: Int, _ layer: Layer) -> Int {
        (layer.rawValue * rows + row) * columns + column
    }

    /// A dot, counted from the upper left; beyond the canvas nothing is drawn.
    mutating func dot(_ x: Int, _ y: Int, _ layer: Layer, owner: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let place = place(x / across, y / down, layer)
        let bit = (y % down) * across + x % across
        // Where two lines share a character the upper one has its colour.
        if owners[place] != Int32(owner), marks == .ascii { bits[place] = 0 }
        bits[place] |= marks == .braille ? Self.braille[bit] : 1 << UInt8(bit)
        owners[place] = Int32(owner)
    }

    /// A straight line between two places in dots, of which only what lies on the canvas is drawn.
    mutating func line(
        from a: (x: Double, y: Double), to b: (x: Double, y: Double), _ layer: Layer, owner: Int, isDashed: Bool = false
    ) {
        guard let (a, b) = Self.clipped(a, b, width: Double(width - 1), height: Double(height - 1)) else { return }
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let steps = max(1, Int(max(dx.magnitude, dy.magnitude).rounded(.up)))
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            let (x, y) = (Int((a.x + dx * share).rounded()), Int((a.y + dy * share).rounded()))
            // By the place on the canvas, so that short pieces don't begin their dashes anew.
            if isDashed, (dx.magnitude >= dy.magnitude ? x : y) % 4 >= 2 { continue }
            dot(x, y, layer, owner: owner)
        }
    }

    /// The part of a line that lies between 0 and width, 0 and height (Y.-D. Liang, B. Barsky, 1984).
    static func clipped(
        _ a: (x: Double, y: Double), _ b: (x: Double, y: Double), width: Double, height: Double
    ) -> ((x: Double, y: Double), (x: Double, y: Double))? {
        guard a.x.isFinite, a.y.isFinite, b.x.isFinite, b.y.isFinite else { return nil }
        var (start, end) = (0.0, 1.0)
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        guard dx.isFinite, dy.isFinite else { return nil }
        for (delta, distance) in [(-dx, a.x), (dx, width - a.x), (-dy, a.y), (dy, height - a.y)] {
            if delta == 0 {
                if distance < 0 { return nil }
            } else if delta < 0 {
                start = max(start, distance / delta)
            } else {
                end = min(end, distance / delta)
            }
        }
        guard start <= end else { return nil }
        // Of ends that lie very far away rounding leaves no exact place.
        func place(_ share: Double) -> (x: Double, y: Double) {
            (max(0, min(width, a.x + share * dx)), max(0, min(height, a.y + share * dy)))
        }
        return (place(start), place(end))
    }

    /// The highest layer of a character that has dots there.
    func content(column: Int, row: Int) -> (layer: Layer, owner: Int)? {
        for layer in Layer.allCases.reversed() {
            let place = place(column, row, layer)
            if bits[place] != 0 { return (layer, Int(owners[place])) }
        }
        return nil
    }

    /// Draws the characters that have dots.
    func draw(
        to grid: inout CellGrid, x: Int, y: Int, ink: (Layer, Int) -> Ink, letter: (Int) -> Character = { _ in "*" }
    ) {
        for row in 0..<rows {
            for column in 0..<columns {
                guard let (layer, owner) = content(column: column, row: row) else { continue }
                let bits = bits[place(column, row, layer)]
                let sign: Character
                switch marks {
                case .braille: sign = Unicode.Scalar(0x2800 + UInt32(bits)).map { Character($0) } ?? " "
                case .blocks: sign = Self.quarters[Int(bits & 15)]
                case .ascii: sign = layer == .band ? ":" : layer == .faint ? "." : letter(owner)
                }
                grid.put(sign, ink(layer, owner), x: x + column, y: y + row)
            }
        }
    }
}
