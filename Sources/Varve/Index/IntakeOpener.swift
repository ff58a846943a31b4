import VarveFiles
import VarveFormat

/// Opens log files and finds in them what the index doesn't hold.
struct IntakeOpener {
    let inventory: LogInventory
    let zstd: Zstd
    /// Numbers what series are, over all files.
    let kinds: SeriesKinds
    /// Nanoseconds since 1970.
    let now: Int64
    /// A file with a journal that was written to since then is synced before the index may say what is in it: a power failure
    /// must not leave an index of what it took from the log, whose points the journal would then give a second time. What is
    /// older the system has written back long ago; and a file that has its end has no journal that counts.
    private static let fresh: Int64 = 600_000_000_000

    /// An open log file with its intakes; closes the file with its last reference.
    final class Opened {
        var intakes: [LogIntake] = []
        var problems: [VarveError] = []
        private let file: any OpenFile

        init(_ file: any OpenFile) { self.file = file }

        deinit { file.close() }
    }

    /// The sections of a file that the index doesn't hold whole; nil if the file is gone.
    ///
    /// - Parameter covered: what the index holds of a log file.
    func open(
        _ name: LogName, named: [CoveredFile], covered: (LogIdentity) -> CoveredFile?
    ) throws(VarveError) -> Opened? {
        guard let file = try inventory.open(name) else { return nil }
        let opened = Opened(file)
        let reader = LogFileReader(file, zstd: zstd)
        do throws(VarveError) {
            let hint = hint(named)
            var sections = try LogScanner.scan(
                file, name: name, covered: LogScanner.Covered(hint), kinds: kinds, zstd: zstd)
            if hint != nil, sections.first.map({ covered($0.begin.identity) == nil }) ?? false {
                // Another file under the same name: nothing of it is covered.
                sections = try LogScanner.scan(file, name: name, kinds: kinds, zstd: zstd)
            }
            for section in sections {
                let known = covered(section.begin.identity)
                if let known, known.offset >= UInt64(section.endOffset) { continue }
                var section = section
                if let known, known.offset > 0, section.baseOffset > 0 {
                    let again = try LogScanner.scan(
                        file, name: name, covered: LogScanner.Covered(known, base: section.baseOffset), kinds: kinds,
                        zstd: zstd)
                    guard let same = again.first(where: { $0.begin.identity == section.begin.identity }) else {
                        continue
                    }
                    section = same
                }
                opened.problems += section.problems.map { VarveError($0) }
                if section.isSeal {
                    guard let own = try ownSequences(of: section.begin, covered) else { continue }
                    opened.intakes.append(LogIntake(section, reader: reader, ownSequences: own, covered: known))
                } else {
                    opened.intakes.append(LogIntake(section, reader: reader, ownSequences: nil, covered: known))
                }
            }
            if !opened.intakes.isEmpty, sections.contains(where: { $0.end == nil }) { try makeDurable(file) }
        } catch  where error.code == .damaged || error.code == .unsupported {
            // One file that can't be read must not keep the others out of the index.
            opened.problems.append(error)
        }
        return opened
    }

    private func makeDurable(_ file: any OpenFile) throws(VarveError) {
        do throws(FileError) {
            if try now - file.status().modified < Self.fresh { try file.sync() }
        } catch {
            throw VarveError(error)
        }
    }

    /// What the index has of a file, judged by its name.
    private func hint(_ named: [CoveredFile]) -> CoveredFile? {
        named.count == 1 && named[0].begin.sealOf == nil ? named[0] : nil
    }

    /// The sequences that whole frames of a sealed file hold; nil if the seal can't be indexed: its source is gone, or has
    /// grown since (``CoveredFile/isOutgrown(sourceBytes:)``).
    private func ownSequences(
        of seal: BeginFrame, _ covered: (LogIdentity) -> CoveredFile?
    ) throws(VarveError) -> SequenceSet? {
        guard let source = seal.sealOf, let bytes = try inventory.sourceBytes(of: seal), UInt64(bytes) <= source.size
        else { return nil }
        var begin = seal
        begin.sealOf = nil
        begin.n = source.n
        begin.salt = source.salt
        guard let name = inventory.place(of: begin, fileName: ""), let file = try inventory.open(name) else {
            return nil
        }
        defer { file.close() }
        let sections = try LogScanner.scan(file, name: name, kinds: kinds, zstd: zstd)
        guard let section = sections.first(where: { $0.begin.identity == begin.identity }) else { return nil }
        var own = SequenceSet()
        // What the index has of the source, and a power failure took from it.
        own.insert(0..<(covered(begin.identity)?.sequence ?? 0))
        for frame in section.frames where frame.kind == .points { own.insert(frame.sequences) }
        return own
    }
}
