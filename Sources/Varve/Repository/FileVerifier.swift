import VarveFiles
import VarveFormat

/// Checks files one by one, for ``Repository/verify(deep:progress:)``. One thread at a time has it.
struct FileVerifier {
    /// What was found in the file at hand.
    private var report = VerificationReport()
    private let repository: Repository
    private let progress: @Sendable (Int) -> Void
    private let zstd = Zstd()
    private let codec = ColumnCodec()
    /// What the series of the logs are: most files define the same ones.
    private var kinds = SeriesKinds()
    private static let mostKindBytes = 64 << 20
    private var decoded = DecodedFrame()

    /// - Parameter progress: called with the bytes that were checked.
    init(_ repository: Repository, _ progress: @escaping @Sendable (Int) -> Void) {
        self.repository = repository
        self.progress = progress
    }

    /// - Returns: what was found, and how the file ends if that depends on what stands beside it.
    mutating func log(_ name: LogName, _ path: String) -> (VerificationReport, LogEnding?) {
        begin()
        let ending = checkLog(name, path)
        return (report, ending)
    }

    mutating func journal(_ name: LogName) -> VerificationReport {
        begin()
        checkJournal(name)
        return report
    }

    mutating func artifact(_ path: String, _ name: String) -> VerificationReport {
        report = VerificationReport()
        do throws(FileError) { try checkArtifact(path, name) } catch { report.problems.append(VarveError(error)) }
        return report
    }

    mutating func segment(_ segment: SegmentReader, _ entry: ManifestEntry?) -> VerificationReport {
        begin()
        segmentPages(segment, entry)
        done(segment.size)
        return report
    }

    private mutating func begin() {
        report = VerificationReport()
        report.files = 1
    }

    private mutating func done(_ bytes: Int) {
        report.bytes += bytes
        progress(bytes)
    }

    private var fileSystem: any FileSystem { repository.environment.fileSystem }

    // MARK: Logs

    private mutating func checkLog(_ name: LogName, _ path: String) -> LogEnding? {
        do throws(VarveError) {
            let file: any OpenFile
            do throws(FileError) { file = try fileSystem.open(path, .read) } catch  where error.code == .notFound {
                return nil
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            let size: Int
            do throws(FileError) { size = try file.size() } catch { throw VarveError(error) }
            if kinds.weight > Self.mostKindBytes { kinds = SeriesKinds() }
            let sections = try LogScanner.scan(file, name: name, kinds: kinds, zstd: zstd)
            for section in sections {
                report.problems += section.problems.map { VarveError($0) } + gaps(section, path)
                report.points += section.points
                try frames(section, file)
                done(section.endOffset)
            }
            report.problems += contents(sections, path)
            let ending = LogEnding(name, path, size: size, sections)
            return ending.isInDoubt ? ending : nil
        } catch {
            report.problems.append(error)
            return nil
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
            try decoded.take(opened)
            for slice in opened.slices where !section.defines(slice.series) {
                throw FormatError(.corrupt, at: 0, expected: "a definition of series \(slice.series)", found: "none")
            }
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
    private mutating func checkJournal(_ name: LogName) {
        do throws(VarveError) {
            let journal = try JournalReader(repository.paths.log(name), name: name, fileSystem, salvaging: true)
            if let damage = journal?.damage { report.problems.append(damage) }
            journal?.close()
        } catch {
            report.problems.append(error)
        }
    }

    // MARK: Artifacts

    private mutating func checkArtifact(_ path: String, _ name: String) throws(FileError) {
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
