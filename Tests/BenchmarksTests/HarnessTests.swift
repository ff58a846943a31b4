import Testing
import Varve
import VarveFiles

@testable import VarveBenchmarks

/// Shows that what turns measurements into figures is right, on numbers small enough to see it.
struct HarnessTests {
    @Test func mediansAndQuantiles() {
        #expect(Samples([3, 1, 2]).median == 2)
        #expect(Samples([4, 3, 1, 2]).median == 2)
        #expect(Samples([]).median == 0)
        let hundred = Samples((1...100).map { Double($0) })
        #expect(hundred.quantile(0.99) == 99)
        #expect(hundred.quantile(1) == 100)
        #expect(hundred.largest == 100)
    }

    /// Threads that took turns say nothing about sharing, as long as others met.
    @Test func burstsOfTwoThreads() {
        let met: [Range<Double>] = [0..<100, 10..<120]
        let apart: [Range<Double>] = [0..<50, 60..<110]
        #expect(SharedBursts([met, apart, apart], points: 10).cost == 11)
        #expect(SharedBursts([met, apart, apart], points: 10).met == 1)
        #expect(SharedBursts([apart], points: 10).cost == 5)
        #expect(SharedBursts([apart], points: 10).met == 0)
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1.00"), (-1.5, "-1.50"), (99.95, "100.0"), (123_456.7, "123457"), (0.001_234, "0.00123"),
        (12.345, "12.3"), (.infinity, "inf"),
    ])
    func numbersInTheTable(_ value: Double, _ text: String) {
        #expect(ReportTable.text(value) == text)
    }

    @Test func tableAndJSON() {
        let measurement = Measurement("log-call", "1 thread", 1.25, "x floor", runs: 5, floor: 10.5, hash: 0xAB)
        var table = ReportTable()
        table.append(measurement)
        #expect(table.lines.count == 2)
        #expect(table.lines[1].split(separator: " ").last == "00000000000000ab")
        #expect(
            "\(measurement.json)"
                == #"{"name":"log-call","case":"1 thread","value":1.25,"unit":"x floor","median_of":5,"floor":10.5,"#
                + #""hash":"00000000000000ab"}"#)
    }

    /// The same points whenever they are asked for, and other ones for another run.
    @Test func workloadsAreDeterministic() {
        for name in ["S", "M", "L", "W"] {
            let workload = Workload.named(name, .tiny)
            let first = RunColumns(workload, run: 0)
            #expect(first.values == RunColumns(workload, run: 0).values)
            #expect(first.times == RunColumns(workload, run: 0).times)
            #expect(first.values != RunColumns(workload, run: 1).values)
            #expect(first.values.count == workload.metrics.count)
            #expect(first.values.allSatisfy { $0.count == workload.pointsPerSeries })
            for steps in first.steps { #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 }) }
        }
    }

    @Test func fullSizes() {
        let points = ["S", "M", "L", "W"].map { Workload.named($0, .scale(1)).points }
        #expect(points == [2_000_000, 20_000_000, 10_000_000, 20_000_000])
        #expect(Workload.named("W", .scale(1)).series == 1_000_000)
        #expect(Set(Workload.named("W", .scale(1)).metrics.map(\.metric)).count == 100)
    }

    /// The order of points doesn't matter, everything else about them does.
    @Test func pointHash() {
        typealias Point = (UInt64, Int64, Int64, UInt64)
        func hash(_ points: [Point]) -> PointHash {
            var hash = PointHash()
            for (series, step, time, value) in points { hash.add(series: series, step: step, time: time, value: value) }
            return hash
        }
        #expect(hash([(1, 2, 3, 4), (5, 6, 7, 8)]) == hash([(5, 6, 7, 8), (1, 2, 3, 4)]))
        let others: [Point] = [(2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5)]
        for other in others { #expect(hash([(1, 2, 3, 4)]) != hash([other])) }
    }
}
