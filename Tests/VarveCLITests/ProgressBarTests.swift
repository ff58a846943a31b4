import Synchronization
import Testing
import Varve

@testable import VarveCLI

/// Shows when a progress bar appears, what it says and that it leaves nothing behind, with a clock that the test moves and a
/// terminal that is an array.
struct ProgressBarTests {
    /// A clock and a screen.
    private final class Bench: Sendable {
        let now = Mutex<Int64>(5_000_000_000)
        let lines = Mutex<[String]>([])

        func bar(width: Int?) -> ProgressBar {
            ProgressBar(
                "reading", terminal: Terminal(width: width), clock: { self.now.withLock { $0 } },
                write: { line in self.lines.withLock { $0.append(line) } })
        }

        func wait(_ milliseconds: Int64) { now.withLock { $0 += milliseconds * 1_000_000 } }
        var written: [String] { lines.withLock { $0 } }
    }

    private static let wipe = "\r\u{1B}[K"

    @Test func saysRateAndTimeLeft() {
        let bench = Bench()
        let bar = bench.bar(width: 100)
        bench.wait(2000)
        bar.update(Progress(unit: "points", done: 2_000_000, total: 8_000_000))
        #expect(
            bench.written == [
                "\(Self.wipe)reading  ███████░░░░░░░░░░░░░░░░░░░░░░░  25 %  2.00 M points  1.00 M/s  6.0 s left"
            ])
        bench.wait(1000)
        bar.update(Progress(unit: "points", done: 8_000_000, total: 8_000_000))
        #expect(bench.written.last?.contains("100 %  8.00 M points  2.00 M/s") == true)
        bar.end()
        #expect(bench.written.last == Self.wipe)
    }

    @Test func shortJobsShowNothing() {
        let bench = Bench()
        let bar = bench.bar(width: 80)
        bench.wait(999)
        bar.update(Progress(unit: "points", done: 1, total: 2))
        bar.end()
        #expect(bench.written.isEmpty)
    }

    @Test func redrawnTenTimesASecondAtMost() {
        let bench = Bench()
        let bar = bench.bar(width: 80)
        bench.wait(1000)
        for done in 0..<1000 {
            bar.update(Progress(unit: "bytes", done: done, total: nil))
            bench.wait(1)
        }
        #expect(bench.written.count == 10)
        #expect(bench.written.last?.hasPrefix("\(Self.wipe)reading  900 B") == true)
    }

    @Test func nothingWithoutATerminal() {
        let bench = Bench()
        let bar = bench.bar(width: nil)
        bench.wait(60_000)
        bar.update(Progress(unit: "points", done: 1, total: 2))
        bar.end()
        #expect(bench.written.isEmpty)
    }

    @Test(arguments: [10, 20, 40, 60]) func fitsTheTerminal(_ width: Int) {
        let bench = Bench()
        let bar = bench.bar(width: width)
        bench.wait(2000)
        bar.update(Progress(unit: "points", done: 3, total: 0))
        bench.wait(2000)
        bar.update(Progress(unit: "points", done: .max, total: 5))
        for line in bench.written { #expect(HumanText.width(String(line.dropFirst(4))) < width) }
    }
}
