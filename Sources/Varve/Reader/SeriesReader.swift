import VarveFiles
import VarveFormat

/// Streams the points of a query, piece by piece. Memory is bounded by pages and frames, except that the view `lastPerStep` and an
/// x metric take one series at a time whole. Pages of the index are decoded ahead, on all cores.
///
/// Not thread-safe, and not to be used in a fork child of the process that made it.
public final class SeriesReader {
    /// What to go on with after an error; nil: nothing.
    typealias Recovery = (VarveError, SnapshotContent) throws(VarveError) -> SnapshotContent?

    private var state: ReaderState

    init(_ plan: SeriesPlan, recover: Recovery? = nil) { state = ReaderState(plan, recover) }

    /// The next points; nil at the end. A chunk is never empty.
    ///
    /// A chunk that is a good part of its page shares the page's memory, others are copied: whoever keeps one keeps at most
    /// 32 times its points.
    /// - Throws: `damaged` with file and offset where stored bytes contradict themselves, `system` where they can't be
    ///   read. A damaged segment of the index doesn't throw: the reader goes on with the logs.
    public func next() throws(VarveError) -> SeriesChunk? { try state.nextChunk() }

    /// All points that are left, in memory, where they were decoded: the quickest way to have many.
    ///
    /// Chunks share the memory of their pages, which goes with the last chunk of a page.
    /// - Throws: as ``next()``.
    public func readAll() throws(VarveError) -> [SeriesChunk] { try state.allChunks() }

    /// Shows all points that are left where the reader has them, without copying any: the quickest way to go through many.
    ///
    /// ```swift
    /// try snapshot.series(Query(metric: "loss")).forEach { series in
    ///     for i in 0..<series.count { sum += series.values[i] }
    /// }
    /// ```
    /// - Parameter body: sees consecutive points of one series, at least one, and may not keep them, nor ask this reader for more.
    /// - Throws: as ``next()``, and what `body` throws; after the latter the reader goes on with the points that come next.
    public func forEach(_ body: (borrowing SeriesView) throws -> Void) throws {
        while let piece = try state.advance() { try body(view(piece)) }
    }

    /// The same for those who throw nothing themselves.
    package func forEachView(_ body: (borrowing SeriesView) -> Void) throws(VarveError) {
        while let piece = try state.advance() { body(view(piece)) }
    }

    @_lifetime(borrow self)
    private func view(_ piece: ReaderState.Piece) -> SeriesView {
        let (place, count) = (piece.place, piece.place.count)
        return SeriesView(
            run: piece.run, metric: state.metric, valueType: piece.type, attempt: piece.attempt.map { Int($0) },
            count: count,
            steps: span(place.steps, count),
            times: span(place.times, count), values: span(place.values, count), x: span(piece.x, count))
    }

    /// The state keeps what it shows until it moves on, which takes a call of this reader.
    @_lifetime(borrow self)
    private func span<Word>(_ start: UnsafePointer<Word>?, _ count: Int) -> Span<Word> {
        guard let start else { return Span() }
        return _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: self)
    }
}

/// How far a ``SeriesReader`` is. A value, so that the reader's one access to it is all that has to be checked.
private struct ReaderState {
    /// Points of one series of ``ReaderState/metric``.
    struct Piece {
        var run: RunID
        var type: ValueType
        var attempt: UInt32?
        var place: PointPlace
        var x: UnsafePointer<Double>?
    }

    private var plan: SeriesPlan
    private var merge: SeriesMerge?
    private let recover: SeriesReader.Recovery?
    private let columns: Query.Columns
    /// The series at hand, its metric as a row of the plan's, and how many of its points were handed out.
    private var row = -1
    private var run = UniqueID.zero
    private(set) var metric = MetricKey("")
    private var handedOut = 0
    private var isWanted = true
    /// After a recovery: the series that was at hand, and points of it that were handed out before.
    private var resumed: (metric: MetricKey, run: UniqueID, known: Int)?
    /// What ended the reading.
    private var failure: VarveError?

    init(_ plan: SeriesPlan, _ recover: SeriesReader.Recovery?) {
        self.plan = plan
        self.recover = recover
        columns = plan.query.columns
    }

    /// Of a page's memory, as many times what a chunk is of it that the chunk may keep.
    private static let mostWaste = 32

    /// The next points, to be kept; nil at the end.
    mutating func nextChunk() throws(VarveError) -> SeriesChunk? {
        guard let piece = try advance() else { return nil }
        return chunk(piece, mostWaste: Self.mostWaste)
    }

    /// All points that are left.
    mutating func allChunks() throws(VarveError) -> [SeriesChunk] {
        var chunks: [SeriesChunk] = []
        while let piece = try advance() {
            if chunks.isEmpty { reserve(merge?.expectedPieces ?? 0, in: &chunks) }
            chunks.append(chunk(piece, mostWaste: .max))
        }
        return chunks
    }

    private func chunk(_ piece: Piece, mostWaste: Int) -> SeriesChunk {
        let points =
            if let page = merge?.page, mostWaste == .max || page.points / piece.place.count < mostWaste {
                KeptPoints(piece.place, on: page)
            } else {
                KeptPoints(copying: piece.place, x: piece.x)
            }
        return SeriesChunk(
            run: piece.run, metric: metric, valueType: piece.type, attempt: piece.attempt, points: points)
    }

    /// Makes room for so many chunks, from huge pages where that pays: growing step by step took longer than decoding short series.
    private func reserve(_ count: Int, in chunks: inout [SeriesChunk]) {
        let count = min(count, Self.mostReserved)
        chunks.reserveCapacity(count)
        chunks.withUnsafeBufferPointer { rows in
            let bytes = count * MemoryLayout<SeriesChunk>.stride
            HugePages.advise(UnsafeRawBufferPointer(start: rows.baseAddress, count: bytes))
        }
    }

    /// A damaged index may claim more than there is: 200 MB of addresses that nobody touches.
    private static let mostReserved = 2 << 20

    /// Moves on to points that were not handed out yet; nil at the end.
    mutating func advance() throws(VarveError) -> Piece? {
        if let failure { throw failure }
        while true {
            do throws(VarveError) {
                if merge == nil { merge = try SeriesMerge(plan, from: firstMetric) }
                guard try merge?.next() == true else { return nil }
                if let piece = take() { return piece }
            } catch {
                guard let recover, let content = try recover(error, plan.content) else {
                    failure = error
                    throw error
                }
                restart(content)
            }
        }
    }

    /// Begins anew with other sources, at the series at hand.
    private mutating func restart(_ content: SnapshotContent) {
        if row >= 0 { resumed = (metric, run, handedOut) }
        plan = plan.moved(to: content)
        merge = nil
        row = -1
    }

    private var firstMetric: Int {
        guard let resumed else { return 0 }
        return plan.metrics.firstIndex { !($0 < resumed.metric) } ?? plan.metrics.count
    }

    /// Takes the points of the merge's piece that are new; nil: there are none.
    private mutating func take() -> Piece? {
        guard let next = merge?.piece else { return nil }
        if next.metric != row || next.run != run {
            if next.metric != row { metric = plan.metrics[next.metric] }
            (row, run) = (next.metric, next.run)
            handedOut = 0
            isWanted = plan.wants(metric, run)
        }
        guard isWanted else { return nil }
        var place = next.place
        var x = next.x
        if let resumed {
            let old = known(resumed, place.count)
            handedOut += old
            guard old < place.count else { return nil }
            place = place.extracting(old..<place.count)
            x = x.map { $0 + old }
        }
        handedOut += place.count
        if !columns.contains(.steps) { place.steps = nil }
        if !columns.contains(.times) { place.times = nil }
        if !columns.contains(.values) { place.values = nil }
        return Piece(run: RunID(run), type: next.type, attempt: next.attempt, place: place, x: x)
    }

    /// How many of the next `count` points were handed out before the recovery.
    private mutating func known(_ resumed: (metric: MetricKey, run: UniqueID, known: Int), _ count: Int) -> Int {
        if metric == resumed.metric {
            if run < resumed.run { return count }
            if run == resumed.run { return min(count, max(0, resumed.known - handedOut)) }
        }
        self.resumed = nil
        return 0
    }
}
