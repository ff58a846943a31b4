import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that where a metric was logged is a key of plots like any other: by host, over hosts, and in all kinds of pictures.
struct HostPlotTests {
    /// Three ranks on two hosts in one run, and a second run on the second host; a rank's values are its number times ten.
    private func snapshot() throws -> Snapshot {
        let fileSystem = SimulatedFileSystem(seed: 5)
        func repository(_ host: String) throws -> Repository {
            let machine = SimulatedMachine(seed: UInt64(host.utf8.last ?? 0), name: host)
            let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            return try Repository.openOrCreate(at: "/repo", name: "", environment)
        }
        var options = RunOptions()
        options.compaction = .never
        options.attempt = 0
        for (rank, host) in ["node1", "node1", "node2"].enumerated() {
            options.rank = rank
            let run = try repository(host).startRun(name: "many", params: ["lr": 0.1], options: options)
            options.id = run.id
            let seconds = try run.series("seconds")
            for step in 0..<3 { seconds.log(Double(10 * rank + step), step: step) }
            try run.finish()
        }
        (options.id, options.rank) = (nil, nil)
        let run = try repository("node2").startRun(name: "one", params: ["lr": 0.2], options: options)
        let seconds = try run.series("seconds")
        for step in 0..<3 { seconds.log(Double(30 + step), step: step) }
        try run.finish()
        return try repository("node1").snapshot()
    }

    private func request(_ kind: PlotRequest.Kind, by groups: [String] = [], over: [String] = []) -> PlotRequest {
        var request = PlotRequest(Query(metric: "seconds"))
        (request.kind, request.groupBy, request.over) = (kind, groups, over)
        return request
    }

    @Test func linesByHost() throws {
        let content = try CurvePlotTests.lines(Plot(request(.lines, by: ["host"]), in: snapshot()))
        #expect(content.legendTitle == "host" && content.lines.map(\.name) == ["node1", "node2"])
        #expect(content.lines.map { $0.strokes.flatMap(\.points).map(\.y) } == [[5, 6, 7], [25, 26, 27]])
        #expect(content.lines.map(\.colour) == [0, 1])
    }

    @Test func hostsAreAveragedOver() throws {
        // What differs in neither host nor rank is one line for each setting; over the host alone ranks stay apart.
        let both = try CurvePlotTests.lines(Plot(request(.lines, over: ["host", "rank"]), in: snapshot()))
        #expect(both.lines.map(\.name) == ["0.1", "0.2"])
        #expect(both.lines.map { $0.strokes.flatMap(\.points).map(\.y) } == [[10, 11, 12], [30, 31, 32]])
        #expect(try CurvePlotTests.lines(Plot(request(.lines, over: ["host"]), in: snapshot())).lines.count == 4)
    }

    @Test func dotsColumnsAndTheSlowest() throws {
        var scatter = request(.scatter, by: ["host"])
        scatter.x = "lr"
        let dots = try CurvePlotTests.lines(Plot(scatter, in: snapshot()))
        #expect(dots.lines.map(\.name) == ["node1", "node2"])
        #expect(dots.lines.map { $0.strokes.count } == [2, 2])
        var heat = request(.heatmap)
        heat.params = ["host", "lr"]
        guard case .heatMap(let map) = try Plot(heat, in: snapshot()).content else {
            Issue.record("no heat map")
            return
        }
        #expect(Set([map.columns, map.rows]) == [["node1", "node2"], ["0.1", "0.2"]])
        let slowest = try CurvePlotTests.lines(Plot(request(.slowest, by: ["host"]), in: snapshot()))
        #expect(slowest.lines.contains { $0.name.hasPrefix("node2") }, "\(slowest.lines.map(\.name))")
    }
}
