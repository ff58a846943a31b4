import VarveFiles
import VarveFormat

/// Streams the points of a query, chunk by chunk. Memory is bounded by pages and frames, except that the view
/// `lastPerStep` and an x metric take one series at a time whole. Not thread-safe.
public final class SeriesReader {
    /// What to go on with after an error; nil: nothing.
    typealias Recovery = (VarveError, SnapshotContent) throws(VarveError) -> SnapshotContent?

    private var plan: SeriesPlan
    private var walker: SeriesWalker
    private var metrics: IndexingIterator<[MetricKey]>
    private var isOver = false
    private let recover: Recovery?
    /// The series at hand, and how many of its points were handed out.
    private var position: (metric: MetricKey, run: UniqueID)?
    private var handedOut = 0
    /// After a recovery: points of the series at hand that were handed out before it.
    private var known = 0

    init(_ plan: SeriesPlan, recover: Recovery? = nil) {
        self.plan = plan
        self.recover = recover
        walker = SeriesWalker(plan.content)
        metrics = plan.metrics.makeIterator()
    }

    private var current: MetricRuns?
    private var parts: [SeriesPart] = []
    private var nextPart = 0

    /// The next chunk; nil at the end. A chunk is never empty.
    ///
    /// - Throws: `damaged` with file and offset where stored bytes contradict themselves, `system` where they can't be
    ///   read. A damaged segment of the index doesn't throw: the reader goes on with the logs.
    public func next() throws(VarveError) -> SeriesChunk? {
        while true {
            do throws(VarveError) {
                guard let chunk = try read() else { return nil }
                let new = chunk.count - known
                known = max(0, known - chunk.count)
                guard new > 0 else { continue }
                handedOut += new
                return new < chunk.count ? chunk.suffix(new) : chunk
            } catch {
                guard let recover, let content = try recover(error, plan.content) else { throw error }
                restart(content)
            }
        }
    }

    /// Begins anew with other sources, at the series at hand.
    private func restart(_ content: SnapshotContent) {
        plan = SeriesPlan(content, plan.query)
        walker = SeriesWalker(content)
        let first = position?.metric
        metrics = plan.metrics.filter { metric in first.map { !(metric < $0) } ?? true }.makeIterator()
        isOver = false
        current = nil
        parts = []
        nextPart = 0
        known = handedOut
    }

    private func read() throws(VarveError) -> SeriesChunk? {
        while true {
            if nextPart < parts.count, let current {
                let part = parts[nextPart]
                nextPart += 1
                if try walker.isOutside(part, plan.query.steps) { continue }
                var buffer = PointBuffer()
                try walker.read(part, into: &buffer)
                narrow(&buffer, part)
                if !buffer.isEmpty { return chunk(buffer, current, [], part.type) }
                continue
            }
            guard try advance() else { return nil }
            if plan.query.view == .lastPerStep || plan.query.x != nil, let chunk = try wholeSeries() { return chunk }
        }
    }

    /// Moves on to the next series.
    private func advance() throws(VarveError) -> Bool {
        while !isOver {
            if let runs = current {
                if let run = try runs.next() {
                    if let position, position.metric == runs.metric {
                        // After a recovery: these were read before it.
                        if run < position.run { continue }
                        if run > position.run { (handedOut, known) = (0, 0) }
                    } else {
                        (handedOut, known) = (0, 0)
                    }
                    position = (runs.metric, run)
                    parts = try walker.parts(runs.metric, run, runs.slices, plan.query.view)
                    nextPart = 0
                    return true
                }
                current = nil
            }
            guard let metric = metrics.next() else {
                isOver = true
                return false
            }
            current = try MetricRuns(plan, metric, walker)
        }
        return false
    }

    /// A series that has to be whole before its first point is known.
    private func wholeSeries() throws(VarveError) -> SeriesChunk? {
        guard let current, !parts.isEmpty else { return nil }
        var buffer = PointBuffer()
        let type = parts[parts.count - 1].type
        for part in parts where try !walker.isOutside(part, plan.query.steps) {
            var more = PointBuffer()
            try walker.read(part, into: &more)
            narrow(&more, part)
            buffer.append(more)
        }
        nextPart = parts.count
        if plan.query.view == .lastPerStep { buffer = buffer.lastPerStep() }
        var x: [Double] = []
        if let metric = plan.query.x {
            x = try join(&buffer, with: metric, of: current.run)
        }
        return buffer.isEmpty ? nil : chunk(buffer, current, x, type)
    }

    /// The x metric's values for the points of `buffer`: by position where both have the same steps, else by step;
    /// points without one go.
    private func join(_ buffer: inout PointBuffer, with metric: MetricKey, of run: UniqueID) throws(VarveError)
        -> [Double]
    {
        var other = PointBuffer()
        for part in try walker.parts(metric, run, nil, plan.query.view)
        where try !walker.isOutside(part, plan.query.steps) {
            var more = PointBuffer()
            try walker.read(part, into: &more)
            narrow(&more, part)
            other.append(more)
        }
        if plan.query.view == .lastPerStep { other = other.lastPerStep() }
        if other.steps == buffer.steps { return other.values.map(Double.init(bitPattern:)) }
        var byStep: [Int64: UInt64] = [:]
        for i in 0..<other.count { byStep[other.steps[i]] = other.values[i] }
        buffer.filter { step, _ in byStep[step] != nil }
        return buffer.steps.compactMap { byStep[$0].map(Double.init(bitPattern:)) }
    }

    private func narrow(_ buffer: inout PointBuffer, _ part: SeriesPart) {
        let steps = plan.query.steps.map { Int64($0.lowerBound)...Int64($0.upperBound) }
        let times = plan.query.times
        guard steps != nil || times != nil || part.below != nil else { return }
        buffer.filter { step, time in
            if let steps, !steps.contains(step) { return false }
            if let times, time == FormatConstants.noTime || !times.contains(time) { return false }
            if let below = part.below, step >= below { return false }
            return true
        }
    }

    private func chunk(_ buffer: PointBuffer, _ runs: MetricRuns, _ x: [Double], _ type: ValueType) -> SeriesChunk {
        SeriesChunk(
            run: RunID(runs.run), metric: runs.metric, valueType: type, stepStorage: buffer.steps.map { Int($0) },
            timeStorage: buffer.times, valueStorage: buffer.values.map(Double.init(bitPattern:)), xStorage: x)
    }
}
