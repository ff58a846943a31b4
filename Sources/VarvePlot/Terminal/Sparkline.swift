import Varve

/// A curve in a few characters of a line of text.
public struct Sparkline: Hashable, Sendable {
    /// What each character stands for, from left to right; nil: there are no points.
    public var values: [Double?]

    private static let blocks = Array("▁▂▃▄▅▆▇█")
    private static let plain = Array("_.:-=+*#")

    /// The text of these values; NaN and infinite ones are shown as such.
    public init(values: [Double?]) { self.values = values }

    /// What of a curve falls onto each of its pixels: of the smallest and the largest value the one that lies farther from
    /// where the curve comes from and goes to, so that a spike shows.
    public init(_ curve: Curve, pixels: Int) {
        var values: [Double?] = Array(repeating: nil, count: max(0, pixels))
        for pixel in curve.pixels where values.indices.contains(pixel.index) {
            guard let low = pixel.min?.value, let high = pixel.max?.value else {
                values[pixel.index] = pixel.last.value
                continue
            }
            let ends = [pixel.first.value, pixel.last.value].filter(\.isFinite)
            let middle = ends.isEmpty ? low : ends.reduce(0) { $0 + $1 / Double(ends.count) }
            values[pixel.index] =
                high - middle > middle - low ? high : middle - low > high - middle ? low : pixel.last.value
        }
        self.values = values
    }

    /// A character a value: higher ones are larger, NaN is a cross, Inf a triangle, and no points are a blank.
    public func text(_ marks: TerminalStyle.Marks = .braille) -> String {
        let isPlain = marks == .ascii
        let levels = isPlain ? Self.plain : Self.blocks
        var range = RangeFinder(PlotAxis(""))
        for case let value? in values { range.take(value) }
        let finite = values.compactMap { $0 }.filter(\.isFinite)
        let isFlat = finite.min() == finite.max()
        let scale = range.scale(margin: 0)
        return String(
            values.map { value -> Character in
                guard let value else { return " " }
                if let kind = LinePlot.Mark.Kind(of: value, isLogarithmic: false) {
                    return isPlain ? kind.signs.1 : kind.signs.0
                }
                let share = isFlat ? 0.5 : scale.share(of: value) ?? 0
                return levels[max(0, min(levels.count - 1, Int(share * Double(levels.count))))]
            })
    }
}
