import VarveFiles
import VarveFormat

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    /// Everything that is wrong, by file and offset.
    public var problems: [VarveError] = []
    /// Files that were read.
    public var files = 0
    /// Bytes that were checked.
    public var bytes = 0
    /// Points that were counted in logs and journals.
    public var points = 0
    /// Nothing was read.
    public init() {}
}

extension Repository {
    /// Checks every byte that has a checksum: logs, journals' headers, artifacts, manifests, and segments page by page; and
    /// everything that a manifest and a segment promise of points: counts, bounds, summaries. Reads only.
    ///
    /// - Parameters:
    ///   - deep: also compares the index with the logs, point by point.
    ///   - progress: called now and then with the bytes done.
    public func verify(
        deep: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VarveError) -> VerificationReport {
        var verification = Verification(self, progress)
        try verification.logs()
        verification.artifacts()
        try verification.index()
        if deep { try verification.compareReadable() }
        verification.sort()
        return verification.report
    }
}

/// A verification under way.
private struct Verification {
    var report = VerificationReport()
    private let repository: Repository
    private let progress: @Sendable (Progress) -> Void
    private let total: Int
    private let zstd = Zstd()
    private let codec = ColumnCodec()
    /// What the series of the logs are: most files define the same ones.
    private var kinds = SeriesKinds()
    private static let mostKindBytes = 64 << 20
    private var decoded = DecodedFrame()

    init(_ repository: Repository, _ progress: @escaping @Sendable (Progress) -> Void) {
        self.repository = repository
        self.progress = progress
        let use = try? repository.diskUse()
        total = use.map { $0.logs + $0.index + $0.artifacts } ?? 0
    }

    private mutating func done(_ bytes: Int) {
        report.bytes += bytes
        progress(Progress(unit: "bytes", done: report.bytes, total: total))
    }

    private var fileSystem: any FileSystem { repository.environment.fileSystem }

    // MARK: Logs

    mutating func logs() throws(VarveError) {
        let names: [String]
        do throws(FileError) { names = try fileSystem.list(repository.paths.logs).sorted() } catch {
            throw VarveError(error)
        }
        for text in names {
            guard let name = LogName(text) else { continue }
            switch name {
            case .log, .seal, .edit, .pack: log(name)
            case .journal: journal(name)
            case .spare: break
            }
        }
    }

    private mutating func log(_ name: LogName) {
        report.files += 1
        let path = repository.paths.log(name)
        do throws(VarveError) {
            let file: any OpenFile
            do throws(FileError) { file = try fileSystem.open(path, .read) } catch  where error.code == .notFound {
                return
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            if kinds.weight > Self.mostKindBytes { kinds = SeriesKinds() }
            for section in try LogScanner.scan(file, name: name, kinds: kinds, zstd: zstd) {
                report.problems += section.problems.map { VarveError($0) } + gaps(section, path)
                report.points += section.points
                try points(section, file)
                done(section.endOffset)
            }
        } catch {
            report.problems.append(error)
        }
    }

    /// Sequences that are missing between frames, and that no `loss` accounts for.
    private func gaps(_ section: LogSection, _ path: String) -> [VarveError] {
        guard !section.isSeal else { return [] }
        var known = SequenceSet()
        for frame in section.frames where frame.kind == .points { known.insert(frame.sequences) }
        for loss in section.losses where loss.reason == .hole {
            let (end, overflows) = loss.firstSequence.addingReportingOverflow(loss.points)
            known.insert(loss.firstSequence..<(overflows ? .max : end))
        }
        var next: UInt64 = 0
        var problems: [VarveError] = []
        for range in known.ranges {
            if range.lowerBound > next {
                problems.append(
                    VarveError(
                        .damaged, "points are missing", file: path,
                        expected: "the sequences \(next) to \(range.lowerBound - 1)",
                        found: "none of them"))
            }
            next = range.upperBound
        }
        return problems
    }

    /// Decodes every point.
    private mutating func points(_ section: LogSection, _ file: any OpenFile) throws(VarveError) {
        let reader = LogFileReader(file, zstd: zstd)
        for frame in section.frames where frame.kind == .points {
            let payload = try reader.payload(of: frame, in: section)
            do throws(FormatError) {
                let opened = try PointsFrame(
                    payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: codec)
                for slice in opened.slices where !section.defines(slice.series) {
                    throw FormatError(
                        .corrupt, at: 0, expected: "a definition of series \(slice.series)", found: "none")
                }
                try decoded.take(opened)
            } catch {
                report.problems.append(VarveError(error.located(in: file.path, at: section.baseOffset + frame.offset)))
            }
        }
    }

    /// A journal as readers see it: an empty one, which somebody is making or couldn't make, holds nothing and lacks nothing.
    private mutating func journal(_ name: LogName) {
        report.files += 1
        do throws(VarveError) {
            let journal = try JournalReader(repository.paths.log(name), name: name, fileSystem, salvaging: true)
            if let damage = journal?.damage { report.problems.append(damage) }
            journal?.close()
        } catch {
            report.problems.append(error)
        }
    }

    // MARK: Artifacts

    mutating func artifacts() {
        do throws(FileError) {
            try repository.paths.forEachArtifact(fileSystem) { name, path in
                do throws(FileError) { try artifact(path, name) } catch { report.problems.append(VarveError(error)) }
            }
        } catch {
            report.problems.append(VarveError(error))
        }
    }

    private mutating func artifact(_ path: String, _ name: String) throws(FileError) {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        report.files += 1
        var hash = SHA256()
        var offset = 0
        while true {
            let bytes = try file.read(upTo: 1 << 20, at: offset)
            if bytes.isEmpty { break }
            hash.update(bytes)
            offset += bytes.count
            done(bytes.count)
        }
        let found = SHA256.text(hash.finalize())
        if found != name {
            report.problems.append(
                VarveError(.damaged, "an artifact is not what its name says", file: path, expected: name, found: found))
        }
    }

    // MARK: Index

    mutating func index() throws(VarveError) {
        let index = try IndexSnapshot.open(
            fileSystem, directory: repository.paths.index, repository: repository.id == .zero ? nil : repository.id,
            codec: codec)
        report.problems += index.problems
        let entries = Dictionary(index.entries.map { ($0.id, $0) }) { first, _ in first }
        for segment in index.segments {
            report.files += 1
            segmentPages(segment, entries[segment.id])
            done(segment.size)
        }
    }

    private mutating func segmentPages(_ segment: SegmentReader, _ entry: ManifestEntry?) {
        let cursor = SegmentCursor(segment, codec: codec)
        func attempt(_ body: () throws(VarveError) -> Void) {
            do throws(VarveError) { try body() } catch { report.problems.append(error) }
        }
        attempt { () throws(VarveError) in _ = try segment.properties(codec: codec) }
        let before = report.problems.count
        for page in 0..<segment.metrics.axisPages {
            attempt { () throws(VarveError) in
                _ = try cursor.steps(axisPage: page)
                _ = try cursor.times(axisPage: page)
            }
        }
        // Steps that can't be decoded have said so, and can't be held to any promise.
        let hasAllSteps = report.problems.count == before
        var promises = SegmentPromises(segment, cursor)
        if let entry { promises.counts(entry) }
        for metric in segment.metrics.metrics {
            promises.points(of: metric)
            for page in metric.pageRange {
                attempt { () throws(VarveError) in
                    _ = try cursor.timeDifferences(page: page)
                    try promises.page(page)
                    if hasAllSteps { try promises.steps(ofPage: page) }
                }
            }
        }
        report.problems += promises.problems
    }

    /// By file, then by place in it.
    mutating func sort() {
        report.problems = report.problems.enumerated().sorted { a, b in
            let (first, second) = (a.element.file ?? "", b.element.file ?? "")
            if first != second { return first.utf8.lexicographicallyPrecedes(second.utf8) }
            return (a.element.offset ?? 0, a.offset) < (b.element.offset ?? 0, b.offset)
        }.map(\.element)
    }

    /// Compares as far as both can be read.
    mutating func compareReadable() throws(VarveError) {
        do throws(VarveError) { try compare() } catch  where error.code != .system {
            if !report.problems.contains(error) { report.problems.append(error) }
        }
    }

    /// Reads everything twice, with the index and without, side by side.
    mutating func compare() throws(VarveError) {
        let environment = repository.environment
        let without = try SnapshotContent(environment, repository.paths, repository: repository.id, usesIndex: false)
        let with = try SnapshotContent(environment, repository.paths, repository: repository.id)
        for run in without.runIDs where !with.has(run) {
            report.problems.append(VarveError(.damaged, "the index hides run \(run)", file: repository.paths.index))
        }
        let query = Query(view: .all)
        let a = PointStream(SeriesReader(SeriesPlan(with, query)))
        let b = PointStream(SeriesReader(SeriesPlan(without, query)))
        // What is being written grows between the two snapshots, and new runs come: only runs that were over in the first
        // are compared.
        var over: Set<UniqueID> = []
        for run in without.runIDs {
            let files = without.files(of: run)
            guard with.files(of: run).count <= files.count else { continue }
            let sealed = Set(files.compactMap { $0.begin.sealOf?.salt })
            let isOver = files.allSatisfy { $0.end != nil || $0.writer == .dead || sealed.contains($0.begin.salt) }
            if isOver { over.insert(run) }
        }
        while true {
            let x = try a.next(of: over)
            let y = try b.next(of: over)
            if x == nil && y == nil { return }
            guard x == y else {
                report.problems.append(
                    VarveError(
                        .damaged, "index and logs disagree", file: repository.paths.index,
                        expected: y.map { "\($0)" } ?? "no more points", found: x.map { "\($0)" } ?? "no more points",
                        remedy: "delete the index, it is made anew from the logs"))
                return
            }
        }
    }
}

/// Decodes frames of points, each into the memory of the one before.
private struct DecodedFrame {
    private var steps: [Int64] = []
    private var times: [Int64] = []
    private var differences: [Int64] = []
    private var values: [UInt64] = []

    /// Decodes all that a frame holds.
    mutating func take(_ frame: PointsFrame) throws(FormatError) {
        steps.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        differences.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        try frame.appendAxes(steps: &steps, times: &times)
        try frame.appendDifferences(to: &differences)
        try frame.appendValues(to: &values)
        _ = try frame.order()
    }
}

/// Points one by one.
private final class PointStream {
    struct Point: Hashable, CustomStringConvertible {
        var run: RunID
        var metric: MetricKey
        var step: Int
        var time: Int64
        var value: UInt64

        var description: String {
            "\(metric) of run \(run), step \(step), value \(Double(bitPattern: value))"
        }
    }

    private let reader: SeriesReader
    private var chunk: SeriesChunk?
    private var at = 0

    init(_ reader: SeriesReader) { self.reader = reader }

    func next(of runs: Set<UniqueID>) throws(VarveError) -> Point? {
        while true {
            if let chunk, at < chunk.count, runs.contains(chunk.run.id) {
                defer { at += 1 }
                return Point(
                    run: chunk.run, metric: chunk.metric, step: chunk.steps[at], time: chunk.times[at],
                    value: chunk.values[at].bitPattern)
            }
            chunk = try reader.next()
            at = 0
            if chunk == nil { return nil }
        }
    }
}
