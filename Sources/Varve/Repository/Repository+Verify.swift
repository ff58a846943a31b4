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
    /// Checks every byte that has a checksum: logs, in the trash, too, journals' headers, artifacts, manifests, and segments page
    /// by page; that what is whole also says something; and everything that a pack promises of its files, a log's end of its points,
    /// a manifest and a segment of theirs: counts, bounds, summaries. Reads only.
    ///
    /// - Parameters:
    ///   - deep: also compares the index with the logs, point by point and property by property.
    ///   - progress: called now and then with the bytes done.
    public func verify(
        deep: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VarveError) -> VerificationReport {
        var verification = Verification(self, progress)
        try verification.logs()
        try verification.trash()
        verification.artifacts()
        try verification.index()
        if deep { verification.report.problems = try IndexComparison(self).added(to: verification.report.problems) }
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
        total = use.map { $0.logs + $0.index + $0.artifacts + $0.trash } ?? 0
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
            case .log, .seal, .edit, .pack: log(name, repository.paths.log(name))
            case .journal: journal(name)
            case .spare: break
            }
        }
    }

    /// What was removed is promised to come back as it was.
    mutating func trash() throws(VarveError) {
        for file in try Trash(repository.paths, fileSystem).folders.flatMap(\.files) {
            switch file.name {
            case .log, .seal: log(file.name, file.path)
            case .edit, .pack, .journal, .spare: break
            }
        }
    }

    private mutating func log(_ name: LogName, _ path: String) {
        report.files += 1
        do throws(VarveError) {
            let file: any OpenFile
            do throws(FileError) { file = try fileSystem.open(path, .read) } catch  where error.code == .notFound {
                return
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            if kinds.weight > Self.mostKindBytes { kinds = SeriesKinds() }
            let sections = try LogScanner.scan(file, name: name, kinds: kinds, zstd: zstd)
            for section in sections {
                report.problems += section.problems.map { VarveError($0) } + gaps(section, path)
                report.points += section.points
                try frames(section, file)
                done(section.endOffset)
            }
            report.problems += contents(sections, path)
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
        if let end = section.end, end.points > next {
            problems.append(
                VarveError(
                    .damaged, "points are missing before the end", file: path, offset: section.baseOffset,
                    expected: "the sequences \(next) to \(end.points - 1)", found: "none of them"))
        }
        return problems
    }

    /// What a pack says that it has, and hasn't.
    private func contents(_ sections: [LogSection], _ path: String) -> [VarveError] {
        let found = Dictionary(sections.map { ($0.begin.identity, $0) }) { first, _ in first }
        return sections.flatMap(\.contents).compactMap { file in
            guard let section = found[file.identity], section.baseOffset == Int(clamping: file.offset),
                section.endOffset == Int(clamping: file.bytes) || !section.problems.isEmpty || section.isTruncated,
                !file.isClosed || section.end != nil || !section.problems.isEmpty
            else {
                return VarveError(
                    .damaged, "the pack hasn't all that it says", file: path, offset: Int(clamping: file.offset),
                    expected: "\(file.bytes) bytes of file \(file.identity.n) of run \(file.identity.run)",
                    found: found[file.identity].map { "\($0.endOffset) bytes at \($0.baseOffset)" } ?? "none")
            }
            return nil
        }
    }

    /// Decodes everything that isn't decoded by a scan.
    private mutating func frames(_ section: LogSection, _ file: any OpenFile) throws(VarveError) {
        let reader = LogFileReader(file, zstd: zstd)
        for frame in section.frames {
            let payload = try reader.payload(of: frame, in: section)
            do throws(FormatError) { try decode(payload, of: frame, in: section) } catch {
                report.problems.append(VarveError(error.located(in: file.path, at: section.baseOffset + frame.offset)))
            }
        }
    }

    private mutating func decode(_ payload: [UInt8], of frame: FrameRef, in section: LogSection) throws(FormatError) {
        let count = frame.header.count
        switch frame.kind {
        case .points?:
            let opened = try PointsFrame(
                payload, count: count, hasOrder: frame.header.flags.contains(.ordered), codec: codec)
            for slice in opened.slices where !section.defines(slice.series) {
                throw FormatError(.corrupt, at: 0, expected: "a definition of series \(slice.series)", found: "none")
            }
            try decoded.take(opened)
        case .text?: _ = try TextEntry.parse(payload.span.bytes, count: count)
        case .artifacts?, .withdrawals?: _ = try ArtifactEntry.parse(payload.span.bytes, count: count)
        case .records?:
            try RecordEntry.forEach(payload.span.bytes, count: count, codec: codec, where: { _, _, _, _ in true }) {
                _ in
            }
        default: break
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
