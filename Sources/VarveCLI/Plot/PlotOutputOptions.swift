import ArgumentParser
import VarvePlot

/// How a plot is drawn, and where it goes.
struct PlotOutputOptions: ParsableArguments {
    /// What a plot is made of.
    enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
        case terminal, svg, png
    }

    @Option(help: "terminal, svg or png (default: what the output file's name says, else terminal).")
    var format: Format?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "Write to this file, in the place of one that is there (default: standard output).", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Columns of the terminal, or pixels (default: the terminal's, or 800).", valueName: "n"))
    var width: Int?

    @Option(help: ArgumentHelp("Rows of the terminal, or pixels (default: the terminal's, or 450).", valueName: "n"))
    var height: Int?

    @Option(help: "Colours of an SVG: auto (as the reader's system asks), light or dark.")
    var theme: SVGPlot.Theme?

    @Option(help: "What curves are made of in a terminal: braille, blocks or ascii.")
    var marks: TerminalStyle.Marks?

    @Option(help: "Colours in a terminal: auto, always or never.")
    var colour = ColourChoice.auto

    /// Whether there are colours.
    enum ColourChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
        case auto, always, never
    }

    /// The format that is asked for, or that the output file's name has.
    var chosenFormat: Format {
        if let format { return format }
        let name = output?.lowercased() ?? ""
        return name.hasSuffix(".svg") ? .svg : name.hasSuffix(".png") ? .png : .terminal
    }

    func validate() throws {
        if let format, format == .terminal, theme != nil {
            throw ValidationError("--theme is for svg and png")
        }
        let isTerminal = chosenFormat == .terminal
        for (name, side, least) in [
            ("--width", width, TerminalPlot.leastColumns), ("--height", height, TerminalPlot.leastRows),
        ] {
            guard let side else { continue }
            let limits = isTerminal ? least...TerminalPlot.mostColumns : SVGPlot.sides
            guard limits.contains(side) else {
                throw ValidationError("\(name) must be \(limits.lowerBound) to \(limits.upperBound)")
            }
        }
    }
}
