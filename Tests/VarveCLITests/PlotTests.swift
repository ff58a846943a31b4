import Foundation
import Testing
import VarvePlot

@testable import VarveCLI

/// Shows that `varve plot` draws what it was asked for where it was asked for it, and says what is wrong where it can't, as a
/// person at a shell sees it.
struct PlotTests {
    private func campaign() throws -> Shell {
        let shell = try Shell()
        for (number, (lr, seed)) in [(0.1, 1), (0.1, 2), (0.01, 1), (0.01, 2)].enumerated() {
            let rows = (0..<20).map { "{\"step\": \($0), \"loss\": \(Double(number + 1) / Double($0 + 1))}\n" }.joined()
            try shell.succeed("varve log --run r\(number) --param lr=\(lr) --param seed=\(seed)", input: rows)
        }
        return shell
    }

    @Test func drawsInAPipe() throws {
        let shell = try campaign()
        let lines = try shell.succeed("varve plot loss --over seed").lines
        #expect(lines.count == 24 && lines[0] == "loss" && lines.allSatisfy { PlainText.width($0) <= 80 })
        #expect(lines.contains { $0.hasPrefix("lr  A 0.01   B 0.1") })
        #expect(lines.last == "mean of 2 series over seed, band: min to max")
        #expect(!lines.joined().contains("\u{1B}"))
        let small = try shell.succeed("varve plot loss --width 40 --height 10 --marks ascii").lines
        #expect(small.count <= 10 && small.allSatisfy { $0.allSatisfy(\.isASCII) && $0.count <= 40 })
        #expect(try shell.succeed("LC_ALL=C varve plot loss").output.allSatisfy(\.isASCII))
    }

    @Test func fitsTheTerminal() throws {
        let shell = try campaign()
        let command = "stty rows 30 cols 100; env -u NO_COLOR TERM=xterm-256color varve plot loss --run r0"
        let lines = try shell.succeed("script -qec '\(command)' /dev/null < /dev/null | tr -d '\\r'").lines
        #expect(lines.count == 29 && lines.contains { $0.contains("\u{1B}[38;5;32m") })
        let plain = "stty rows 30 cols 100; NO_COLOR=1 varve plot loss --run r0"
        #expect(!(try shell.succeed("script -qec '\(plain)' /dev/null < /dev/null").output.contains("\u{1B}")))
    }

    @Test func writesPictures() throws {
        let shell = try campaign()
        let said = try shell.run("varve plot loss --group-by lr --band ci95 -o loss.svg")
        #expect(said.code == 0 && said.output == "" && said.errors.hasPrefix("loss.svg: "))
        let svg = try String(contentsOfFile: shell.directory + "/loss.svg", encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && svg.contains("width=\"800\" height=\"450\"") && svg.hasSuffix("</svg>\n"))
        #expect(
            try shell.succeed("varve plot loss --format svg --width 300 --title 'A < B'").output.contains("A &lt; B"))
        #expect(try shell.succeed("ls -A | grep -c tmp || true").output == "0\n")
        // A picture that is there is drawn anew.
        #expect(try shell.run("varve plot loss -o loss.svg").code == 0)
        if try shell.run("command -v rsvg-convert").code == 0 {
            #expect(try shell.run("varve plot loss -o loss.png").code == 0)
            let png = try Data(contentsOf: URL(fileURLWithPath: shell.directory + "/loss.png"))
            // Signature, then the header's width and height: two pixels for each.
            #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            #expect(Array(png[16..<24]) == [0, 0, 6, 64, 0, 0, 3, 132])
        }
        let missing = try shell.run("p=$(dirname $(command -v varve)); PATH=$p varve plot loss -o x.png")
        #expect(missing.code == 1 && missing.errors.contains("apt-get install librsvg2-bin"))
    }

    /// What is no file is written to, and not replaced.
    @Test func aPipeStays() throws {
        let shell = try campaign()
        let script =
            "mkfifo pipe.svg; cat pipe.svg > got & varve plot loss --quiet -o pipe.svg; wait; test -p pipe.svg; tail -c 7 got"
        #expect(try shell.succeed(script).output.contains("</svg>"))
        #expect(try shell.run("ls | grep tmp").output == "")
    }

    @Test func saysWhatIsWrong() throws {
        let shell = try campaign()
        for (command, code, words) in [
            ("plot lost", 1, "did you mean 'loss'"), ("plot loss --over sead", 2, "did you mean 'seed'"),
            ("plot loss --over optimizer", 2, "lr, seed"),
            ("plot loss --where 'params.lr > 5'", 1, "nothing of 'loss' matches"),
            ("plot loss --smooth 1", 2, "--smooth"),
            ("plot loss --band what", 2, "band"), ("plot loss --width 5", 2, "--width"),
            ("plot loss --x epoch", 1, "there is no metric 'epoch'"), ("plot loss --over seed --x wall", 2, "relative"),
            ("plot loss -o /nowhere/x.svg", 1, "can't write"), ("plot loss --y-min 2 --y-max 1", 2, "--y-min"),
            ("plot loss --kind heatmap --params lr", 2, "two params"), ("plot loss --kind slowest", 2, "rank"),
        ] {
            let result = try shell.run("varve \(command)")
            #expect(
                result.code == Int32(code) && result.errors.contains(words),
                "\(command): \(result.code) \(result.errors)")
            #expect(result.output == "", "\(command)")
        }
    }

    @Test func everyKindIsDrawn() throws {
        let shell = try campaign()
        for options in [
            "--kind scatter --x lr --group-by seed", "--kind parallel --value min", "--kind heatmap --params lr,seed",
            "--kind heatmap --params step,seed", "--smooth 0.6 --x relative", "--log-x --log-y",
            "--band 0.1,0.9 --over seed",
            "--all --x wall", "--kind slowest --group-by seed",
        ] {
            let lines = try shell.succeed("varve plot loss \(options)").lines
            #expect(lines.count > 5 && lines.allSatisfy { PlainText.width($0) <= 80 }, "\(options)")
            #expect(
                try shell.succeed("varve plot loss --format svg \(options)").output.hasSuffix("</svg>\n"), "\(options)")
        }
    }

    @Test func runsShowCurves() throws {
        let shell = try campaign()
        let table = try shell.succeed("varve runs --curve loss --format table").lines
        #expect(table[0].hasSuffix("loss") && table[1].hasSuffix("█▄▂▁▁▁▁▁▁▁▁▁"), "\(table)")
        let rows = try shell.succeed("varve runs --curve loss --format jsonl").lines
        #expect(rows[0].contains("\"curve.loss\":[1.0,"))
        let missing = try shell.run("varve runs --curve lost")
        #expect(missing.code == 1 && missing.errors.contains("did you mean 'loss'"))
    }

    @Test func terminalsAreKnown() {
        func style(_ variables: [String: String], _ colour: PlotOutputOptions.ColourChoice = .always) -> TerminalStyle {
            Screen(descriptor: -1) { variables[$0] }.style(colour: colour)
        }
        #expect(style(["LANG": "de_DE.UTF-8", "TERM": "xterm-256color"]) == TerminalStyle(colours: .many))
        #expect(style(["LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"]).marks == .ascii)
        #expect(style([:], .auto) == TerminalStyle() && style([:], .never).colours == .none)
        #expect(BandChoice(argument: "0.1,0.9")?.band == .quantiles(0.1, 0.9) && BandChoice(argument: "0.1,2") == nil)
        #expect(BandChoice(argument: "std")?.band == .standardDeviation && BandChoice(argument: "") == nil)
    }
}
