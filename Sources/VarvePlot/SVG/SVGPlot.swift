/// Draws a plot as an SVG file that needs nothing else: no script, no font, no other file.
public struct SVGPlot: Sendable {
    private let plot: Plot
    private let width: Double
    private let height: Double
    private let theme: Theme

    /// Which colours the background and the text have.
    public enum Theme: String, Hashable, Sendable, CaseIterable {
        /// Those that the reader's system asks for.
        case auto
        /// Dark on white.
        case light
        /// Light on black.
        case dark
    }

    /// The limits of each side.
    public static let sides = 200...10_000

    /// A plot of so many pixels; what lies beyond the limits counts as these.
    public init(_ plot: Plot, width: Int = 800, height: Int = 450, theme: Theme = .auto) {
        self.plot = plot
        func bounded(_ side: Int) -> Double { Double(max(Self.sides.lowerBound, min(side, Self.sides.upperBound))) }
        self.width = bounded(width)
        self.height = bounded(height)
        self.theme = theme
    }

    /// The file.
    public var text: String {
        var writer = SVGWriter()
        let (w, h) = (SVGWriter.number(width), SVGWriter.number(height))
        writer.raw(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(w)\" height=\"\(h)\" viewBox=\"0 0 \(w) \(h)\" "
                + "role=\"img\">\n<title>\(SVGWriter.escaped(plot.title))</title>\n<style>\n\(SVGStyle.text(theme))</style>\n"
        )
        writer.rectangle(0, 0, width, height, "class=\"back\"")
        let frame = SVGFrame(plot, width: width, height: height)
        frame.draw(to: &writer)
        switch plot.content {
        case .lines(let content): SVGLines(content, frame.room).draw(to: &writer)
        case .parallel(let content): SVGParallel(content, frame.room).draw(to: &writer)
        case .heatMap(let content): SVGHeatMap(content, frame.room).draw(to: &writer)
        }
        writer.raw("</svg>\n")
        return writer.text
    }
}

/// The colours and lines of an SVG file, by class.
enum SVGStyle {
    static func text(_ theme: SVGPlot.Theme) -> String {
        let light = colours(Palette.light, back: "#ffffff", text: "#1f2328", quiet: "#59636e", grid: "#e3e6ea")
        let dark = colours(Palette.dark, back: "#0d1117", text: "#e6edf3", quiet: "#9198a1", grid: "#2a3038")
        let shapes = """
            text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:12px}
            .title{font-size:15px;font-weight:600}
            .small{font-size:11px}
            .end{text-anchor:end}
            .middle{text-anchor:middle}
            .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
            .partial{stroke-dasharray:2 5}
            .dash1{stroke-dasharray:8 4}
            .dash2{stroke-dasharray:2 4}
            .faint{fill:none;stroke-width:1;stroke-opacity:.3;stroke-linejoin:round}
            .cloud{fill:none;stroke-width:1;stroke-linejoin:round;stroke-linecap:round}
            .band{stroke:none;fill-opacity:.18}
            .dot{fill-opacity:.75;stroke:none}
            .grid,.axis{stroke-width:1;shape-rendering:crispEdges}

            """
        switch theme {
        case .light: return shapes + light
        case .dark: return shapes + dark
        case .auto: return shapes + light + "@media (prefers-color-scheme:dark){\n\(dark)}\n"
        }
    }

    private static func colours(
        _ palette: [Palette.Colour], back: String, text: String, quiet: String, grid: String
    ) -> String {
        var lines = [
            ".back{fill:\(back)}", "text{fill:\(text)}", ".quiet{fill:\(quiet)}", ".grid{stroke:\(grid)}",
            ".halo{paint-order:stroke;stroke:\(back);stroke-width:3px;stroke-linejoin:round}",
            ".axis{stroke:\(quiet)}", ".c{stroke:\(quiet)}", ".fc{fill:\(quiet)}",
        ]
        for (index, colour) in palette.enumerated() {
            lines.append(".c\(index){stroke:\(colour.text)}.f\(index){fill:\(colour.text)}")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
