import Testing

@testable import VarveCLI

/// Shows that the demo does what it tells: it loses no point of the killed training, and finds the same in log, journal and
/// index; that it can be repeated; and that it never removes what isn't a demo's.
struct DemoTests {
    @Test func tellsTheTruthTwice() throws {
        let shell = try Shell()
        for _ in 0..<2 {
            let lines = try shell.succeed("VARVE_COMMAND=./run varve demo").lines
            #expect(lines.contains { $0.hasSuffix("lost: 0") })
            #expect(lines.contains("  the same points, bit for bit"))
            #expect(lines.last == "  ./run --repo demo.varve verify --deep")
            #expect(try shell.succeed("varve --repo demo.varve runs").lines.count == 14)
        }
        let commands = try shell.succeed("VARVE_COMMAND=varve varve demo | grep -- --repo").lines
        #expect(commands.count == 5)
        for command in commands { try shell.succeed(command) }
    }

    @Test func leavesOtherThingsAlone() throws {
        let shell = try Shell()
        try shell.succeed("mkdir demo.varve; echo precious > demo.varve/file; varve init mine > /dev/null")
        for directory in ["demo.varve", "mine", "demo.varve/file"] {
            let result = try shell.run("varve demo \(directory)")
            #expect(result.code == 1 && result.errors.contains("it isn't a demo's"), "\(result)")
        }
        #expect(try shell.succeed("cat demo.varve/file; ls mine").lines.first == "precious")
    }

    /// Curves fall where they should: the extremes at the edges, equal values in the middle, nothing for nothing.
    @Test func plots() {
        func plot(_ values: [Double]) -> [String] {
            let points = values.enumerated().map { (step: $0.offset, value: $0.element) }
            return TextPlot(curves: [TextPlot.Curve(name: "c", points: points)], width: 4, height: 3).lines
        }
        #expect(plot([4, 3, 2, 0]) == ["4 ┤●", "  ┤ ●●", "0 ┤   ●", "  └────", "   0  3", "   ● c"])
        #expect(plot([1, 1]).prefix(3) == ["  ┤", "1 ┤●  ●", "  ┤"])
        #expect(plot([]).isEmpty && plot([.nan]).isEmpty)
    }
}
