import Varve

@testable import VarveImport

/// Keeps whatever a parser finds.
final class CollectingSink: RunSink {
    struct Point: Equatable {
        var step: Int64
        var time: Int64
        var value: UInt64
    }

    var points: [MetricKey: [Point]] = [:]
    var types: [MetricKey: ValueType] = [:]
    var texts: [String] = []
    var properties: [String: PropertyValue] = [:]
    var end: ForeignEnd?
    var lifetime: (start: Int64?, end: Int64?)
    var artifacts: [String: String] = [:]
    var contents: [String: [UInt8]] = [:]
    var skips: [String: Int] = [:]
    var roundings = 0
    var problems: [ImportProblem] = []
    var records: [Range<Int>] = []
    /// The step of each record that holds a point.
    var recordSteps: [Int64] = []

    private var subset: String?

    func record(from start: Int, to end: Int) { records.append(start..<end) }
    func row(of subset: String?) { self.subset = subset }

    func point(_ name: String, step: Int64, time: Int64, value: Double, type: ValueType) {
        let metric = MetricKey(name, context: subset.map { ["subset": $0] } ?? [:])
        types[metric] = type
        point(of: metric, step: step, time: time, value: value)
    }

    func point(of metric: MetricKey, step: Int64, time: Int64, value: Double) {
        if recordSteps.count < records.count { recordSteps.append(step) }
        points[metric, default: []].append(Point(step: step, time: time, value: value.bitPattern))
    }

    func text(_ text: String, name: String, step: Int64, time: Int64) { texts.append("\(name)@\(step): \(text)") }
    func property(_ key: String, _ value: PropertyValue) { properties[key] = value }
    func ended(_ end: ForeignEnd) { self.end = end }
    func lasted(from start: Int64?, to end: Int64?) { lifetime = (start, end) }
    func artifact(_ path: String, name: String, step: Int64?) {
        artifacts[step.map { "\(name)@\($0)" } ?? name] = path
    }
    func artifact(_ content: RawSpan, name: String, step: Int64) {
        contents["\(name)@\(step)"] = content.withUnsafeBytes { Array($0) }
    }
    var kept: [(metric: MetricKey, step: Int64?, content: Record.Content)] = []
    func record(_ content: Record.Content, of metric: MetricKey, step: Int64?, time: Int64) {
        kept.append((metric, step, content))
    }
    func record(_ content: Record.Content, name: String, step: Int64?, time: Int64) {
        record(content, of: MetricKey(name), step: step, time: time)
    }
    func skipped(_ kind: String) { skips[kind, default: 0] += 1 }
    func rounded() { roundings += 1 }
    func problem(_ problem: ImportProblem) { problems.append(problem) }

    /// The values under a name, in order.
    func values(_ name: String) -> [Double] { (points[MetricKey(name)] ?? []).map { Double(bitPattern: $0.value) } }
    /// The steps under a name, in order.
    func steps(_ name: String) -> [Int64] { (points[MetricKey(name)] ?? []).map(\.step) }
    var pointCount: Int { points.values.reduce(0) { $0 + $1.count } }
}

extension CollectingSink {
    /// Whether the source said that all went well; nil: it said nothing of an end.
    var success: Bool? { end.map { $0 == .finished } }
}
