import Testing
import Varve
import VarveTestSupport

@testable import VarvePlot

/// Shows that a curve of a few characters rises where the values do, shows a spike among many points, and says what isn't a number.
struct SparklineTests {
    @Test func levels() {
        #expect(Sparkline(values: [0, 1, 2, 3, 4, 5, 6, 7]).text() == "▁▂▃▄▅▆▇█")
        #expect(Sparkline(values: [0, nil, 7, .nan, .infinity, -.infinity]).text() == "▁ █×▲▼")
        #expect(Sparkline(values: [0, 7, .nan]).text(.ascii) == "_#x")
        #expect(Sparkline(values: [3, 3]).text() == "▅▅" && Sparkline(values: []).text() == "")
        #expect(Sparkline(values: [1e308, -1e308, 5]).text() == "█▁▅")
    }

    @Test func spikesShow() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            let run = try repository.startRun()
            let (loss, odd) = (try run.series("loss"), try run.series("odd"))
            for step in 0..<12_000 {
                loss.log(step == 3500 ? 9 : 1, step: step)
                odd.log(step < 6000 ? Double.nan : 1, step: step)
            }
            try run.finish()
            let snapshot = try repository.snapshot()
            let curves = try snapshot.curves(Query(), pixels: 12)
            #expect(curves.map { Sparkline($0, pixels: 12).text() } == ["▁▁▁█▁▁▁▁▁▁▁▁", "××××××▅▅▅▅▅▅"])
        }
    }
}
