import VarveFiles
import VarveFormat

/// One log file as a snapshot sees it: what of it is in the index, and what is read from the file and its journal.
final class SourceFile: Sendable {
    /// Who wrote it.
    let begin: BeginFrame
    /// The physical file.
    let name: LogName
    /// Where it stands there, if that is a pack.
    let range: Range<Int>?
    /// Its parts in the index, in the order of their sequences.
    let indexed: [CoverageMap.Place]
    /// What the index doesn't cover.
    let tail: LogTail?
    /// How its writer ended, if that was read.
    let end: EndFrame.State?
    /// Nanoseconds since 1970; "no time" without an end.
    let endTime: Int64
    /// Points that were dropped and counted.
    let lostPoints: UInt64
    /// What the journal says of a writer that has not ended.
    let writer: Liveness?
    /// Points that count.
    let points: Int

    init(
        begin: BeginFrame, name: LogName, range: Range<Int>?, indexed: [CoverageMap.Place], tail: LogTail?,
        end: EndFrame.State?, endTime: Int64, lostPoints: UInt64, writer: Liveness?, points: Int
    ) {
        self.begin = begin
        self.name = name
        self.range = range
        self.indexed = indexed
        self.tail = tail
        self.end = end
        self.endTime = endTime
        self.lostPoints = lostPoints
        self.writer = writer
        self.points = points
    }

    /// A file that the index has whole.
    ///
    /// - Parameter offset: where it begins in a pack.
    convenience init(_ covered: CoveredFile, name: LogName, offset: Int = 0, indexed: [CoverageMap.Place]) {
        let bytes = Int(clamping: covered.offset)
        self.init(
            begin: covered.begin, name: name, range: name.isPack ? offset..<offset + bytes : nil, indexed: indexed,
            tail: nil, end: covered.endState, endTime: covered.endTime, lostPoints: covered.lostPoints, writer: nil,
            points: Int(clamping: covered.points))
    }

    /// What the physical file says of it. In a pack it is looked for elsewhere, too, if it isn't where that says.
    func sections(in file: any OpenFile, zstd: Zstd) throws(VarveError) -> [LogSection] {
        func ours(_ range: Range<Int>?) throws(VarveError) -> [LogSection] {
            try LogScanner.scan(file, name: name, range: range, zstd: zstd)
                .filter { $0.begin.identity == begin.identity }
        }
        if let range, let found = try? ours(range), !found.isEmpty { return found }
        return try ours(nil)
    }

    /// The order of a run's files: attempt, number, a seal after its source.
    static func precedes(_ a: SourceFile, _ b: SourceFile) -> Bool {
        if a.begin.attempt != b.begin.attempt { return a.begin.attempt < b.begin.attempt }
        if a.begin.n != b.begin.n { return a.begin.n < b.begin.n }
        return a.begin.sealOf == nil && b.begin.sealOf != nil
    }
}
