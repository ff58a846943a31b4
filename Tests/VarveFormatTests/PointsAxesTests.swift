import Testing

@testable import VarveFormat

/// Series of a row share their steps and nearly their times.
@Suite struct PointsAxesTests {
    /// Rows of series, of which each logs a microsecond or two after the one before; some rows of some series are left out.
    private func rows(
        _ count: Int, of series: [UInt32], without isLeftOut: (_ row: Int, _ place: Int) -> Bool = { _, _ in false }
    ) -> [SeriesPoints] {
        var random = SeededGenerator(7)
        var points = series.map { SeriesPoints(series: $0) }
        for row in 0..<count {
            var clock = Int64(row) * 1_000_000
            for place in series.indices {
                clock += Int64.random(in: 900..<2600, using: &random)
                guard !isLeftOut(row, place) else { continue }
                points[place].steps.append(Int64(row))
                points[place].times.append(clock)
                points[place].values.append(0)
            }
        }
        return points
    }

    @Test func anAxisHasTheTimesOfTheSeriesInTheMiddle() {
        // Series are listed by number; who logs when is another order.
        let points = rows(50, of: [3, 8, 1, 6, 2])
        let axes = PointsAxes(GroupedPoints(points.sorted { $0.series < $1.series }))
        #expect(axes.axes.count == 1)
        #expect(axes.axes[0].times == points[2].times)
        #expect(axes.places.map(\.differs) == [false, true, true, true, true])
        let widest = axes.differences.map(\.magnitude).max()
        #expect(widest ?? 0 < 2 * 2600, "further than two places from the middle")
    }

    @Test func rowsThatTheMiddleLacksHaveTimesOfOthers() {
        // As the edges of a frame cut the first row and the last.
        let points = rows(20, of: Array(0..<7)) { row, place in row == 0 && place < 5 || row == 19 && place > 2 }
        let axes = PointsAxes(GroupedPoints(Array(points[5...]) + Array(points[..<5])))
        #expect(axes.axes.count == 1)
        #expect(axes.axes[0].steps == Array(0..<20))
        #expect(axes.axes[0].times[1..<19] == points[3].times[0..<18])
        #expect([points[5].times[0], points[6].times[0]].contains(axes.axes[0].times[0]))
        #expect(points[0..<3].map(\.times[18]).contains(axes.axes[0].times[19]))
    }

    @Test func anAxisHasTheTimesThatMostSeriesHave() {
        var points = rows(40, of: [0, 1, 2, 3, 4])
        for series in [0, 2, 4] { points[series].times = points[2].times }
        // In the middle now and then, and never with the others.
        for row in points[1].times.indices { points[1].times[row] = points[2].times[row] + (row % 2 == 0 ? -1 : 1) }
        let axes = PointsAxes(GroupedPoints(points))
        #expect(axes.axes.count == 1 && axes.axes[0].times == points[2].times)
        #expect(axes.places.map(\.differs) == [false, true, false, true, false])
    }

    @Test func seriesThatShareOneReadingOfTheClockHaveNoDifferences() {
        var points = rows(30, of: [0, 1, 2, 3])
        for series in 1..<4 { points[series].times = points[0].times }
        let axes = PointsAxes(GroupedPoints(points))
        #expect(axes.axes.count == 1 && axes.axes[0].times == points[0].times)
        #expect(axes.differences.isEmpty && axes.places.allSatisfy { !$0.differs })
    }
}
