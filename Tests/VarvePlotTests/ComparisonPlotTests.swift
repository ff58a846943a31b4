import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that plots that compare runs by single values, and ranks by steps, show what was logged.
struct ComparisonPlotTests {
    private func campaign(_ body: (Snapshot) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            for (number, lr) in [0.001, 0.01, 0.1].enumerated() {
                for seed in 0..<2 {
                    let run = try repository.startRun(
                        params: [
                            "lr": .double(lr), "seed": .int(Int64(seed)), "opt": .string(seed == 0 ? "adam" : "sgd"),
                        ], options: try CurvePlotTests.nextInOrder(repository))
                    let loss = try run.series("loss")
                    for step in 0..<4 { loss.log(Double(10 * number + seed) + Double(3 - step), step: step) }
                    if number == 2, seed == 1 { loss.log(Double.nan, step: 4) }
                    try run.finish()
                }
            }
            try body(try repository.snapshot())
        }
    }

    private func request(_ kind: PlotRequest.Kind) -> PlotRequest {
        var request = PlotRequest(Query(metric: "loss"))
        request.kind = kind
        return request
    }

    @Test func scatter() throws {
        try campaign { snapshot in
            var request = request(.scatter)
            (request.x, request.groupBy) = ("lr", ["opt"])
            let content = try CurvePlotTests.lines(Plot(request, in: snapshot))
            #expect(
                content.x.isLogarithmic && content.legendTitle == "opt" && content.lines.map(\.name) == ["adam", "sgd"])
            #expect(
                content.lines[0].strokes.flatMap(\.points) == [
                    PlotPoint(0.001, 0), PlotPoint(0.01, 10), PlotPoint(0.1, 20),
                ])
            #expect(content.lines[1].strokes.count == 2 && content.lines[1].marks == [LinePlot.Mark(x: 0.1, .nan)])
            request.value = .max
            #expect(
                try CurvePlotTests.lines(Plot(request, in: snapshot)).lines[1].strokes.flatMap(\.points).map(\.y) == [
                    4, 14, 24,
                ])
            request.x = "opt"
            #expect(try CurvePlotTests.lines(Plot(request, in: snapshot)).x.kind == .words(["adam", "sgd"]))
            request.x = "nothing"
            #expect(throws: VarveError.self) { try Plot(request, in: snapshot) }
        }
    }

    @Test func parallel() throws {
        try campaign { snapshot in
            guard case .parallel(let content) = try Plot(request(.parallel), in: snapshot).content else {
                Issue.record("not parallel")
                return
            }
            #expect(content.axes.map(\.title) == ["lr", "opt", "seed", "last of loss"])
            #expect(content.axes.map(\.isLogarithmic) == [true, false, false, false])
            #expect(content.rows.count == 6 && content.rows.last == [0.1, 0, 0, 20])
            // Lines that can't be coloured are below all others.
            #expect(content.rows.first?.last.map { $0?.isNaN } == true)
        }
    }

    @Test func heatMap() throws {
        try campaign { snapshot in
            var request = request(.heatmap)
            request.params = ["lr", "opt"]
            guard case .heatMap(let content) = try Plot(request, in: snapshot).content else {
                Issue.record("not a heat map")
                return
            }
            #expect(content.columns == ["0.001", "0.01", "0.1"] && content.rows == ["adam", "sgd"])
            #expect(content.values[0] == [0, 10, 20] && content.values[1][..<2] == [1, 11])
            #expect(content.values[1][2]?.isNaN == true)
            request.params = ["step", "lr"]
            guard case .heatMap(let steps) = try Plot(request, in: snapshot).content else { return }
            #expect(steps.columns == ["0", "1", "2", "3", "4"])
            #expect(steps.values[0] == [4, 3, 2, 1, nil])
        }
    }

    @Test func ranks() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            let run = try repository.startRun(name: "big")
            for rank in 0..<4 {
                let series = try run.series("step_time", context: ["rank": "\(rank)"])
                // Rank 2 is the slowest three times, rank 0 once.
                for step in 0..<4 { series.log(rank == 2 && step < 3 || rank == 0 && step == 3 ? 5 : 1, step: step) }
            }
            try run.finish()
            let snapshot = try repository.snapshot()
            var request = PlotRequest(Query(metric: "step_time"))
            request.kind = .slowest
            let content = try CurvePlotTests.lines(Plot(request, in: snapshot))
            #expect(content.lines.map(\.name) == ["mean of 4", "2: slowest 75 %", "0: slowest 25 %"])
            #expect(content.lines[1].strokes.flatMap(\.points).map(\.x) == [0, 1, 2])
            #expect(content.lines[0].strokes[0].points.allSatisfy { ($0.y - 2).magnitude < 1e-12 })
            #expect(content.lines[0].band.first?.map(\.high) == [5, 5, 5, 5])
            request.kind = .lines
            request.groupBy = ["rank"]
            #expect(try CurvePlotTests.lines(Plot(request, in: snapshot)).lines.map(\.name) == ["0", "1", "2", "3"])
            (request.groupBy, request.over) = ([], ["rank"])
            let mean = try CurvePlotTests.lines(Plot(request, in: snapshot))
            #expect(
                mean.lines.count == 1 && mean.lines[0].strokes[0].points.allSatisfy { ($0.y - 2).magnitude < 1e-12 })
        }
    }

    @Test func nothingThere() throws {
        try campaign { snapshot in
            for kind in PlotRequest.Kind.allCases {
                var request = request(kind)
                request.query.metric = "other"
                #expect(throws: VarveError.self) { try Plot(request, in: snapshot) }
            }
        }
    }
}
