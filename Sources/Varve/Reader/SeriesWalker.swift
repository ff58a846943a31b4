import VarveFiles
import VarveFormat

/// A stretch of one series, and what of it doesn't count.
struct SeriesPart {
    enum Source {
        case index(IndexedSlice)
        case tail(SourceFile, LogAppender.SeriesKey, part: Int)
    }

    var source: Source
    /// Points with this step or a higher one don't count here: superseded, or not inherited.
    var below: Int64?
    var type: ValueType
}

/// Puts a series together from index, logs and journals, in the order of the run.
final class SeriesWalker {
    private let content: SnapshotContent
    private let codec = ColumnCodec()
    private let frames: OpenFrames
    private let ahead: TailReadAhead
    private var cursors: [Int: SegmentCursor] = [:]
    /// For looking a single series up without disturbing the cursors that stream.
    private var lookups: [Int: SegmentCursor] = [:]

    /// - Parameter metrics: those that are read one after the other, ascending.
    init(_ content: SnapshotContent, metrics: [MetricKey] = []) {
        self.content = content
        ahead = TailReadAhead(metrics, logs: content.openedFiles.lazy.filter { $0.tail != nil }.count)
        frames = OpenFrames(content.environment.fileSystem, zstd: Zstd(), codec: codec)
    }

    /// The cursor that streams a segment.
    func cursor(_ segment: Int) -> SegmentCursor {
        if let known = cursors[segment] { return known }
        let cursor = SegmentCursor(content.segments[segment], codec: codec)
        cursors[segment] = cursor
        return cursor
    }

    /// The stretches of a series in order.
    ///
    /// - Parameter slices: those of the run in the segments, where they are known; nil: they are looked up.
    func parts(
        _ metric: MetricKey, _ run: UniqueID, _ slices: [IndexedSlice]?, _ view: Query.View
    ) throws(VarveError) -> [SeriesPart] {
        if let slices, let only = content.onlyPlace(of: run) { return parts(slices, only) }
        let files = content.files(of: run)
        var parts: [SeriesPart] = []
        if let fork = files.compactMap(\.begin.fork).first {
            parts = try inherited(metric, fork, depth: 0)
        }
        return parts + (try own(metric, run, slices, view, upTo: nil))
    }

    /// The stretches of a run with a single file: nothing supersedes them.
    private func parts(_ slices: [IndexedSlice], _ only: CoverageMap.Place) -> [SeriesPart] {
        var parts: [SeriesPart] = []
        for automatic in [false, true] {
            for slice in slices
            where slice.slice.flags.contains(.automaticSteps) == automatic && slice.slice.file == only.row
                && slice.segment == only.segment
            {
                parts.append(SeriesPart(source: .index(slice), below: nil, type: slice.slice.flags.valueType))
            }
        }
        return parts
    }

    /// The history that a fork inherits: the source's standard view as of an attempt, below a step.
    private func inherited(
        _ metric: MetricKey, _ fork: BeginFrame.ForkSource, depth: Int
    ) throws(VarveError) -> [SeriesPart] {
        // A chain of forks that is longer than this, or leads back to itself, is nobody's history.
        guard depth < 64, content.has(fork.run) else { return [] }
        var parts: [SeriesPart] = []
        if let earlier = content.files(of: fork.run).compactMap(\.begin.fork).first {
            parts = try inherited(metric, earlier, depth: depth + 1)
        }
        parts += try own(metric, fork.run, nil, .standard, upTo: fork.attempt)
        return parts.map { part in
            var part = part
            part.below = min(part.below ?? fork.step, fork.step)
            return part
        }
    }

    private func own(
        _ metric: MetricKey, _ run: UniqueID, _ slices: [IndexedSlice]?, _ view: Query.View, upTo attempt: UInt32?
    ) throws(VarveError) -> [SeriesPart] {
        var files = content.files(of: run)
        if let attempt { files.removeAll { $0.begin.attempt > attempt } }
        let supersession = Supersession(files)
        let known: [IndexedSlice]
        if let slices { known = slices } else { known = try lookUp(metric, run) }
        var byPart: [CoverageMap.Place: [IndexedSlice]] = [:]
        for slice in known {
            byPart[CoverageMap.Place(segment: slice.segment, row: slice.slice.file), default: []].append(slice)
        }
        var parts: [SeriesPart] = []
        for file in files {
            let below = view == .all ? nil : supersession.firstSuperseded(in: file.begin.attempt)
            // Where a file has both, a frame doesn't say how they lay between each other: given steps come first, then
            // counted ones (Format.md, section 3.3), so that the order doesn't depend on what the index holds already.
            for automatic in [false, true] {
                for indexed in file.indexed {
                    for slice in byPart[indexed] ?? []
                    where slice.slice.flags.contains(.automaticSteps) == automatic {
                        parts.append(
                            SeriesPart(
                                source: .index(slice), below: automatic ? nil : below,
                                type: slice.slice.flags.valueType))
                    }
                }
                let key = LogAppender.SeriesKey(metric: metric, automaticSteps: automatic)
                guard let tail = file.tail, tail.count(key) > 0 else { continue }
                for part in 0..<tail.parts(key) {
                    parts.append(
                        SeriesPart(
                            source: .tail(file, key, part: part), below: automatic ? nil : below,
                            type: tail.types[key] ?? .double))
                }
            }
        }
        return parts
    }

    private func lookUp(_ metric: MetricKey, _ run: UniqueID) throws(VarveError) -> [IndexedSlice] {
        var found: [IndexedSlice] = []
        for (number, segment) in content.segments.enumerated() {
            guard let row = segment.row(of: run), let position = segment.metrics.position(of: metric) else { continue }
            let cursor = lookups[number] ?? SegmentCursor(segment, codec: codec)
            lookups[number] = cursor
            var slices = SliceIterator(cursor, metric: position, runs: [row])
            while let slice = try slices.next() { found.append(IndexedSlice(segment: number, slice: slice)) }
        }
        return found
    }

    /// Whether no step of a stretch is in a range and below the stretch's own limit, by the bounds that the index keeps:
    /// no point of it has to be decoded to know.
    func isOutside(_ part: SeriesPart, _ steps: ClosedRange<Int>?) throws(VarveError) -> Bool {
        guard steps != nil || part.below != nil, case .index(let indexed) = part.source else { return false }
        func misses(_ first: Int64, _ last: Int64) -> Bool {
            if let steps, last < Int64(steps.lowerBound) || first > Int64(steps.upperBound) { return true }
            return part.below.map { first >= $0 } ?? false
        }
        let page = content.segments[indexed.segment].pages[indexed.slice.page]
        if misses(page.minStep, page.maxStep) { return true }
        let axis = try cursor(indexed.segment).axisBounds(of: indexed.slice).steps
        return misses(axis.lowerBound, axis.upperBound)
    }

    /// Decodes a stretch.
    func read(_ part: SeriesPart, into buffer: inout PointBuffer) throws(VarveError) {
        switch part.source {
        case .index(let indexed):
            let cursor = cursor(indexed.segment)
            try cursor.appendSteps(of: indexed.slice, to: &buffer.steps)
            try cursor.appendTimes(of: indexed.slice, to: &buffer.times)
            try cursor.appendValues(of: indexed.slice, to: &buffer.values)
        case .tail(let file, let key, let part):
            guard let tail = file.tail else { return }
            buffer.append(try tail.points(key, part: part, frames, ahead), from: 0)
        }
    }
}
