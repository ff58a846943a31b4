import Varve

/// Points of one or more series, as columns: what travels from the reader to those who encode.
struct PointBatch: Sendable {
    /// Consecutive points of one series.
    struct Piece: Sendable {
        var run: RunID
        var metric: MetricKey
        var label: ExportLabels.Label
        /// What logged them, where that is one attempt.
        var attempt: Int?
        var count: Int
    }

    var pieces: [Piece] = []
    var steps: [Int64] = []
    /// Nanoseconds since 1970; `Int64.min`: none.
    var times: [Int64] = []
    var values: [Double] = []
    /// The texts that the pieces' labels number.
    var texts = ExportLabels.Texts()

    var count: Int { steps.count }

    init(capacity: Int) {
        steps.reserveCapacity(capacity)
        times.reserveCapacity(capacity)
        values.reserveCapacity(capacity)
    }
}

/// The points of a query one series after the other, cut into batches.
struct PointSource {
    let snapshot: Snapshot
    let query: Query
    /// Of each series only what is seen of it on so many pixels; nil: all points.
    let pixels: Int?

    /// Whether points of several attempts are told apart: not in curves.
    var hasAttempts: Bool { query.hasAttempts && pixels == nil }

    /// Hands the points out, `limit` at a time; the last batch has fewer.
    /// - Returns: how many there were.
    func forEachBatch(
        of limit: Int, _ labels: ExportLabels, _ body: (PointBatch) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        var batch = PointBatch(capacity: limit)
        var total = 0
        func flush() throws(VarveError) {
            guard batch.count > 0 else { return }
            total += batch.count
            batch.texts = labels.texts
            try body(batch)
            batch = PointBatch(capacity: limit)
        }
        if let pixels {
            for curve in try snapshot.curves(query, pixels: pixels, includingTimes: true) {
                let label = labels.label(curve.run, curve.metric)
                for point in curve.points {
                    batch.append(point, curve, label)
                    if batch.count == limit { try flush() }
                }
            }
        } else {
            try snapshot.forEachView(of: query) { view throws(VarveError) in
                let label = labels.label(view.run, view.metric)
                var next = 0
                while next < view.count {
                    let end = min(view.count, next + limit - batch.count)
                    batch.append(view, next..<end, label)
                    next = end
                    if batch.count == limit { try flush() }
                }
            }
        }
        try flush()
        return total
    }
}

extension Query {
    /// Whether points of several attempts are told apart: where those are shown, too, that were taken back.
    var hasAttempts: Bool { view == .all && x == nil }
}

extension PointBatch {
    fileprivate mutating func append(_ view: borrowing SeriesView, _ range: Range<Int>, _ label: ExportLabels.Label) {
        pieces.append(
            Piece(run: view.run, metric: view.metric, label: label, attempt: view.attempt, count: range.count))
        view.steps.withUnsafeBufferPointer { source in
            source.withMemoryRebound(to: Int64.self) { steps.append(contentsOf: $0[range]) }
        }
        view.times.withUnsafeBufferPointer { times.append(contentsOf: $0[range]) }
        view.values.withUnsafeBufferPointer { values.append(contentsOf: $0[range]) }
    }

    fileprivate mutating func append(_ point: Curve.Point, _ curve: Curve, _ label: ExportLabels.Label) {
        if let last = pieces.last, last.label == label {
            pieces[pieces.count - 1].count += 1
        } else {
            pieces.append(Piece(run: curve.run, metric: curve.metric, label: label, count: 1))
        }
        steps.append(Int64(point.step))
        times.append(point.time)
        values.append(point.value)
    }
}

extension Snapshot {
    /// Shows the points of a query to a body that throws nothing but errors of Varve.
    func forEachView(
        of query: Query, _ body: (borrowing SeriesView) throws(VarveError) -> Void
    ) throws(VarveError) {
        let reader = try series(query)
        do {
            try reader.forEach { view in try body(view) }
        } catch let error as VarveError {
            throw error
        } catch {
            throw VarveError(.system, "\(error)")
        }
    }
}
