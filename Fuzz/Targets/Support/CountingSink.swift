import Varve
import VarveImport

/// Counts what an importer finds, and holds it to what the engine is promised.
final class CountingSink: RunSink {
    private(set) var points = 0
    private(set) var problems = 0
    private(set) var broken: Broken?
    private let size: Int

    /// - Parameter size: of the input, in bytes.
    init(size: Int) { self.size = size }

    func record(from start: Int, to end: Int) {
        if start < 0 || start > end || end > size {
            broken = broken ?? Broken(description: "a record from \(start) to \(end) of \(size) bytes")
        }
    }

    func point(_ name: String, step: Int64, time: Int64, value: Double, type: ValueType) { points += 1 }
    func point(of metric: MetricKey, step: Int64, time: Int64, value: Double) { points += 1 }
    func text(_ text: String, name: String, step: Int64, time: Int64) {}
    func property(_ key: String, _ value: PropertyValue) {}
    func ended(_ end: ForeignEnd) {}
    func lasted(from start: Int64?, to end: Int64?) {}
    func artifact(_ path: String, name: String, step: Int64?) {}
    func artifact(_ content: RawSpan, name: String, step: Int64) {}
    func row(of subset: String?) {}
    func record(_ content: Record.Content, name: String, step: Int64?, time: Int64) {}
    func record(_ content: Record.Content, of metric: MetricKey, step: Int64?, time: Int64) {}
    func skipped(_ kind: String) {}
    func rounded() {}

    func problem(_ problem: ImportProblem) {
        problems += 1
        _ = "\(problem)"
        if problem.offset < 0 || problem.offset > size {
            broken = broken ?? Broken(description: "a problem at \(problem.offset) of \(size) bytes: \(problem)")
        }
    }

    /// Throws what was found to be broken.
    func finish(end: Int) throws {
        if let broken { throw broken }
        try demand(end >= 0 && end <= size, "the end is at \(end) of \(size) bytes")
    }
}
