import VarveFiles
import VarveFormat

/// What a log file and its journal hold beyond the index: known by series, decoded when it is asked for.
struct LogTail: Sendable {
    let path: String
    let section: LogSection
    /// The slices of each series, in the order of the frames.
    private let slices: [LogAppender.SeriesKey: [TailSlice]]
    let types: [LogAppender.SeriesKey: ValueType]
    /// Points that are only in the journal, by series.
    private let journal: [LogAppender.SeriesKey: SeriesPoints]
    /// Of a seal: the sequences that frames of its source hold, and which therefore don't count here.
    private let superseded: SequenceSet
    /// Frames whose slices could not be read.
    let problems: [VarveError]

    private struct TailSlice: Hashable {
        /// Rows of the section's frames and of the frame's slices.
        var frame: Int
        var slice: Int
        var count: Int
    }

    /// Indexes the frames of `section` from `coveredOffset` on.
    init(
        _ section: LogSection, path: String, file: any OpenFile, coveredOffset: Int, superseded: SequenceSet,
        journal content: JournalReader.Content?, zstd: Zstd
    ) {
        self.path = path
        self.section = section
        self.superseded = superseded
        let reader = LogFileReader(file, zstd: zstd)
        let columns = ColumnCodec()
        var slices: [LogAppender.SeriesKey: [TailSlice]] = [:]
        var types: [LogAppender.SeriesKey: ValueType] = [:]
        var problems: [VarveError] = []
        func key(_ id: UInt32) -> LogAppender.SeriesKey? {
            guard let definition = section.definitions[id] else { return nil }
            let key = LogAppender.SeriesKey(
                metric: definition.metric, automaticSteps: definition.automaticSteps)
            types[key] = definition.valueType
            return key
        }
        for (row, frame) in section.frames.enumerated()
        where frame.kind == .points && frame.offset >= coveredOffset && !superseded.contains(frame.sequences) {
            do throws(VarveError) {
                let opened = try LogTail.open(frame, section, reader, columns)
                for (index, slice) in opened.slices.enumerated() {
                    guard let key = key(slice.series) else {
                        problems.append(
                            VarveError(
                                .damaged, "points of a series that isn't defined", file: path,
                                offset: section.baseOffset + frame.offset,
                                expected: "a definition of series \(slice.series)",
                                found: "none"))
                        continue
                    }
                    slices[key, default: []].append(TailSlice(frame: row, slice: index, count: slice.count))
                }
            } catch {
                problems.append(error)
            }
        }
        var rest: [LogAppender.SeriesKey: SeriesPoints] = [:]
        for (_, record) in content?.records ?? [] {
            guard let key = key(record.series) else {
                problems.append(
                    VarveError(
                        .damaged, "points of a series that isn't defined", file: path,
                        expected: "a definition of series \(record.series)", found: "none"))
                continue
            }
            rest[key, default: SeriesPoints(series: record.series)].steps.append(record.step)
            rest[key]?.times.append(record.time)
            rest[key]?.values.append(record.value)
        }
        if let content, let missing = section.missing(from: content, path) { problems.append(missing) }
        self.slices = slices
        self.types = types
        self.problems = problems
        journal = rest
    }

    var series: Set<LogAppender.SeriesKey> { Set(slices.keys).union(journal.keys) }

    /// Points of a series here, superseded ones of a seal included.
    func count(_ key: LogAppender.SeriesKey) -> Int {
        (slices[key]?.reduce(0) { $0 + $1.count } ?? 0) + (journal[key]?.steps.count ?? 0)
    }

    static func open(
        _ frame: FrameRef, _ section: LogSection, _ reader: LogFileReader, _ columns: ColumnCodec
    ) throws(VarveError) -> PointsFrame {
        let payload = try reader.payload(of: frame, in: section)
        do throws(FormatError) {
            return try PointsFrame(
                payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: columns)
        } catch {
            throw VarveError(error.located(in: reader.file.path, at: section.baseOffset + frame.offset))
        }
    }

    /// In how many parts a series is read: one a frame, and one for the journal.
    func parts(_ key: LogAppender.SeriesKey) -> Int {
        (slices[key]?.count ?? 0) + (journal[key] == nil ? 0 : 1)
    }

    /// The points of one part of a series.
    func points(
        _ key: LogAppender.SeriesKey, part: Int, _ frames: OpenFrames, _ ahead: TailReadAhead
    ) throws(VarveError) -> SeriesPoints {
        guard let wanted = slices[key], part < wanted.count else { return journal[key] ?? SeriesPoints(series: 0) }
        if let known = ahead.part(part, of: key, in: self, frames) { return known }
        return try points(wanted[part], frames)
    }

    /// All parts of some series that frames have, each frame opened once; nil: one can't be read.
    func parts(
        of keys: some Collection<LogAppender.SeriesKey>, _ frames: OpenFrames
    ) -> [LogAppender.SeriesKey: [SeriesPoints]]? {
        var places: [(slice: TailSlice, key: LogAppender.SeriesKey, part: Int)] = []
        var found: [LogAppender.SeriesKey: [SeriesPoints]] = [:]
        for key in keys {
            let slices = slices[key] ?? []
            found[key] = [SeriesPoints](repeating: SeriesPoints(series: 0), count: slices.count)
            for (part, slice) in slices.enumerated() { places.append((slice, key, part)) }
        }
        places.sort { $0.slice.frame < $1.slice.frame }
        do throws(VarveError) {
            for place in places { found[place.key]?[place.part] = try points(place.slice, frames) }
        } catch {
            return nil
        }
        return found
    }

    private func points(_ slice: TailSlice, _ frames: OpenFrames) throws(VarveError) -> SeriesPoints {
        let frame = section.frames[slice.frame]
        let opened = try frames.frame(frame, of: section, path)
        do throws(FormatError) {
            var points = try opened.points(ofSlice: slice.slice)
            if !superseded.isDisjoint(with: frame.sequences) { try drop(&points, slice.slice, opened, frame) }
            return points
        } catch {
            throw VarveError(error.located(in: path, at: section.baseOffset + frame.offset))
        }
    }

    /// Drops the points of a seal whose sequences stand in the source.
    private func drop(
        _ points: inout SeriesPoints, _ slice: Int, _ frame: PointsFrame, _ ref: FrameRef
    ) throws(FormatError) {
        guard let order = try frame.order() else { return }
        var isKept: [Bool] = []
        for (i, owner) in order.enumerated() where Int(owner) == slice {
            isKept.append(!superseded.contains(ref.sequences.lowerBound + UInt64(i)))
        }
        points.keep(isKept)
    }
}
