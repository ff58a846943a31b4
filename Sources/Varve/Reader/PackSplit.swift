import VarveFiles
import VarveFormat

/// The files of a pack, by whether the index has all of them: what it has isn't read again, as a closed log in a file of its own
/// isn't. Only a pack that says what it holds can be split.
struct PackSplit {
    /// Closed logs: number in the coverage, and where each begins.
    private(set) var whole: [(number: Int, offset: Int)] = []
    /// Logs that their seals close, each followed by that seal.
    private(set) var sealed: [(file: CoveredFile, offset: Int)] = []
    /// What has to be scanned: neighbours together.
    private(set) var rest: [Rest] = []

    /// A range of the pack, and the files that it says to have there.
    struct Rest {
        var files: [PackedFile]
        var range: Range<Int>

        /// Whether a scan of the range found just these.
        func isAsSaid(_ sections: [LogSection]) -> Bool {
            sections.count == files.count
                && zip(sections, files).allSatisfy { section, file in
                    section.begin.identity == file.identity && section.baseOffset == Int(file.offset)
                        && section.endOffset == Int(file.bytes)
                }
        }
    }

    /// - Parameters:
    ///   - run: leave other runs' files out.
    ///   - isKnown: whether a file was met elsewhere: then the longer one counts, and it takes a look at both.
    init(
        _ contents: PackContents, _ coverage: CoverageMap, only run: UniqueID?, isKnown: (LogIdentity) -> Bool
    ) {
        var pending: [PackedFile] = []
        var byNumber = contents.files.filter { run == nil || $0.identity.run == run || $0.identity.run == .zero }
        byNumber.sort { a, b in
            let (a, b) = (a.identity, b.identity)
            return a.run != b.run ? a.run < b.run : a.n < b.n
        }
        var start = 0
        while start < byNumber.count {
            let first = byNumber[start].identity
            let end = byNumber[start...].firstIndex { ($0.identity.run, $0.identity.n) != (first.run, first.n) }
            let group = byNumber[start..<(end ?? byNumber.count)]
            if group.contains(where: { isKnown($0.identity) }) || !take(Array(group), coverage) { pending += group }
            start = group.endIndex
        }
        pending.sort { $0.offset < $1.offset }
        for file in pending {
            let range = Int(file.offset)..<Int(file.offset + file.bytes)
            if let last = rest.last, last.range.upperBound == range.lowerBound {
                rest[rest.count - 1].files.append(file)
                rest[rest.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                rest.append(Rest(files: [file], range: range))
            }
        }
    }

    /// The files of one run, and edits, whatever the index has of them.
    init(_ contents: PackContents, only run: UniqueID) {
        self.init(contents, CoverageMap([]), only: run) { _ in true }
    }

    /// Scans the ``rest``; nil: the pack isn't as it says, and has to be scanned whole.
    func scanRest(of file: any OpenFile, _ name: LogName, zstd: Zstd) throws(VarveError) -> [LogSection]? {
        var sections: [LogSection] = []
        for rest in rest {
            let found = try LogScanner.scan(file, name: name, range: rest.range, zstd: zstd)
            guard rest.isAsSaid(found) else { return nil }
            sections += found
        }
        return sections
    }

    /// Takes the files of one writer, a log alone or with its seal; false: the index hasn't all of them, or not as they are there.
    private mutating func take(_ files: [PackedFile], _ coverage: CoverageMap) -> Bool {
        var numbers: [Int] = []
        for file in files {
            guard let number = coverage.number(of: file.identity), coverage[number].offset == file.bytes else {
                return false
            }
            numbers.append(number)
        }
        if files.count == 1, coverage.isClosedLog(numbers[0]) {
            whole.append((numbers[0], Int(files[0].offset)))
            return true
        }
        let pair = numbers.indices.map { (file: coverage[numbers[$0]], offset: Int(files[$0].offset)) }
            .sorted { $0.file.begin.sealOf == nil && $1.file.begin.sealOf != nil }
        // Within a pack nothing grows.
        guard pair.count == 2, let seal = pair.last?.file, seal.isClosed, seal.begin.source == pair[0].file.identity,
            !coverage.isOutgrown(seal, sourceBytes: Int(clamping: seal.begin.sealOf?.size ?? 0))
        else { return false }
        sealed += pair
        return true
    }
}
