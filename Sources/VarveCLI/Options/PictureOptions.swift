import ArgumentParser
import VarvePlot

/// Where a list's picture goes, for verbs that print a list.
struct PictureOptions: ParsableArguments {
    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Draw into this file instead: .svg or .png.", valueName: "file"))
    var path: String?

    @Option(help: ArgumentHelp("Pixels of the picture (default: 800).", valueName: "n"))
    var width: Int?

    @Option(help: ArgumentHelp("Pixels of the picture (default: 450, or what the classes need).", valueName: "n"))
    var height: Int?

    func validate() throws {
        if let path, !path.lowercased().hasSuffix(".svg"), !path.lowercased().hasSuffix(".png") {
            throw ValidationError("--output writes .svg and .png; other formats go to standard output")
        }
        for side in [width, height] {
            if let side, !SVGPlot.sides.contains(side) {
                throw ValidationError(
                    "a side must be \(SVGPlot.sides.lowerBound) to \(SVGPlot.sides.upperBound) pixels")
            }
        }
    }

    /// Draws into the file, if there is one to draw into.
    ///
    /// - Returns: whether it did.
    func draw(_ plot: Plot, width: Int = 800, height: Int = 450) throws -> Bool {
        guard let path else { return false }
        let most = SVGPlot.sides.upperBound
        var options = try PlotOutputOptions.parse([])
        options.output = path
        options.width = self.width ?? min(most, width)
        options.height = self.height ?? min(most, height)
        try options.validate()
        try PlotTarget(options).write(plot)
        return true
    }
}
