import Varve
import VarvePlot

/// Where a plot goes: a terminal or file as text, a file as SVG or PNG.
struct PlotTarget {
    private let options: PlotOutputOptions
    private let format: PlotOutputOptions.Format
    private let width: Int
    private let height: Int
    private let style: TerminalStyle
    private let converter: PictureConverter?

    /// - Throws: a refusal, before anything was read, if what is asked for can't be written.
    init(_ options: PlotOutputOptions) throws {
        self.options = options
        format = options.chosenFormat
        let screen = Screen(descriptor: options.output == nil ? 1 : -1)
        if format == .terminal {
            width = options.width ?? screen.columns ?? 80
            // The last line is the prompt's.
            height = options.height ?? screen.rows.map { max(TerminalPlot.leastRows, $0 - 1) } ?? 24
        } else {
            width = options.width ?? 800
            height = options.height ?? 450
        }
        style = screen.style(marks: options.marks, colour: options.colour)
        converter = format == .png ? try PictureConverter() : nil
        if format == .png, options.output == nil, Terminal(descriptor: 1).isInteractive {
            throw Refusal("error: a PNG can't be shown on a terminal\n  try       -o FILE.png", code: 2)
        }
    }

    /// How many dots or pixels the data may have across.
    var pixels: Int { format == .terminal ? width * 2 : width }

    func write(_ plot: Plot) throws {
        switch format {
        case .terminal:
            let lines = TerminalPlot(plot, width: width, height: height, style: style).lines
            try deliver(Array((lines.joined(separator: "\n") + "\n").utf8))
        case .svg:
            try deliver(Array(SVGPlot(plot, width: width, height: height, theme: options.theme ?? .auto).text.utf8))
        case .png:
            // The converter doesn't know what the reader's system asks for.
            let picture = SVGPlot(plot, width: width, height: height, theme: options.theme == .dark ? .dark : .light)
            try deliver(try converter?.png(picture.text) ?? [])
        }
    }

    private func deliver(_ bytes: [UInt8]) throws {
        guard let path = options.output else {
            let output = OutputStream()
            try output.append(bytes)
            return try output.flush()
        }
        try OutputFile.write(path, makesDirectory: false) { try $0.append(bytes) }
        printNote("\(path): \(HumanText.bytes(bytes.count))")
    }
}
