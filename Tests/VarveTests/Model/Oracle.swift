import VarveTestSupport

@testable import Varve

/// What was logged, kept in the plainest way there is.
struct Oracle {
    struct Point: Hashable {
        var step: Int
        var time: Int64
        var value: UInt64
    }

    struct Entry<Content> {
        var attempt: Int
        var n: Int
        var content: Content
    }

    struct Run {
        var points: [MetricKey: [Entry<Point>]] = [:]
        var lines: [Entry<String>] = []
        var properties = Properties()
        var attempts = [0]
        var rewinds: [(attempt: Int, step: Int)] = []

        var currentProperties: Properties { properties.filter { $0.value != .absent } }

        var orderedLines: [String] { ordered(lines).map(\.content) }

        private func ordered<T>(_ entries: [Entry<T>]) -> [Entry<T>] {
            entries.enumerated().sorted {
                ($0.element.attempt, $0.element.n, $0.offset) < ($1.element.attempt, $1.element.n, $1.offset)
            }.map(\.element)
        }

        func points(_ view: Query.View) -> [MetricKey: [Point]] {
            var result: [MetricKey: [Point]] = [:]
            for (metric, entries) in points {
                var live = ordered(entries)
                if view != .all {
                    live.removeAll { entry in
                        rewinds.contains { $0.attempt > entry.attempt && entry.content.step >= $0.step }
                    }
                }
                var list = live.map(\.content)
                if view == .lastPerStep {
                    var last: [Int: Point] = [:]
                    for point in list { last[point.step] = point }
                    list = last.keys.sorted().compactMap { last[$0] }
                }
                if !list.isEmpty { result[metric] = list }
            }
            return result
        }
    }

    var runs: [UniqueID: Run] = [:]
    var lines = 0

    mutating func start(_ id: UniqueID, name: String) {
        var run = Run()
        run.properties = ["name": .string(name), "params.lr": 0.1]
        runs[id] = run
    }

    mutating func log(_ id: UniqueID, attempt: Int, n: Int, _ metric: MetricKey, _ point: Point) {
        runs[id]?.points[metric, default: []].append(Entry(attempt: attempt, n: n, content: point))
    }

    mutating func write(_ id: UniqueID, attempt: Int, n: Int, _ line: String) {
        runs[id]?.lines.append(Entry(attempt: attempt, n: n, content: line))
    }

    mutating func set(_ id: UniqueID, _ key: String, _ value: PropertyValue) { runs[id]?.properties[key] = value }

    func nextAttempt(of id: UniqueID) -> Int { (runs[id]?.attempts.max() ?? 0) + 1 }

    mutating func resume(_ id: UniqueID, attempt: Int, rewind: Int?) {
        runs[id]?.attempts.append(attempt)
        if let rewind { runs[id]?.rewinds.append((attempt, rewind)) }
    }
}
