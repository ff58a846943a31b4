import VarveFormat

/// The files of all runs: those that the index has whole as numbers of its coverage, the others as they were found.
///
/// A repository of 100,000 runs is opened without making an object for each; what is asked for is made then.
struct FileTable: Sendable {
    /// In the order of creation.
    let runs: [UniqueID]
    /// The files that had to be opened, or of which the index doesn't know all.
    let opened: [SourceFile]
    private let coverage: CoverageMap
    private let whole: WholeFiles
    /// Where each run's entries begin, and one more for the end.
    private let starts: [UInt32]
    private let entries: [Entry]

    /// A file, by its number in the coverage or its place among those that were opened.
    private struct Entry {
        private let code: Int32

        init(whole number: Int) { code = Int32(number) }
        init(opened place: Int) { code = ~Int32(place) }

        var whole: Int? { code >= 0 ? Int(code) : nil }
        var opened: Int { Int(~code) }
    }

    init(_ coverage: CoverageMap, whole: WholeFiles, opened: [SourceFile]) {
        self.coverage = coverage
        self.whole = whole
        self.opened = opened
        var all = whole.numbers.map { (run: coverage.run(ofFile: $0), entry: Entry(whole: $0)) }
        if !opened.isEmpty {
            for (place, file) in opened.enumerated() { all.append((file.begin.run, Entry(opened: place))) }
            all.sort { $0.run < $1.run }
        }
        var runs: [UniqueID] = []
        var starts: [UInt32] = []
        runs.reserveCapacity(all.count)
        starts.reserveCapacity(all.count + 1)
        for (position, file) in all.enumerated() where runs.last != file.run {
            runs.append(file.run)
            starts.append(UInt32(position))
        }
        starts.append(UInt32(all.count))
        self.runs = runs
        self.starts = starts
        entries = all.map(\.entry)
    }

    /// The row of a run. It is looked for at `next`, where it is if runs come in their order; then by binary search.
    private func row(of run: UniqueID, from next: inout Int) -> Int? {
        let isNext = next < runs.count && runs[next] == run
        guard let row = isNext ? next : row(of: run) else { return nil }
        next = row + 1
        return row
    }

    /// The row of a run, by binary search.
    func row(of run: UniqueID) -> Int? {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle] < run { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low] == run ? low : nil
    }

    private func entries(ofRow row: Int) -> ArraySlice<Entry> { entries[Int(starts[row])..<Int(starts[row + 1])] }

    /// The files of a run, in order.
    func files(of run: UniqueID) -> [SourceFile] {
        guard let row = row(of: run) else { return [] }
        var files = entries(ofRow: row).map(file)
        if files.count > 1 { files.sort(by: SourceFile.precedes) }
        return files
    }

    private func file(_ entry: Entry) -> SourceFile {
        entry.whole.map { whole[$0] } ?? opened[entry.opened]
    }

    /// Where a run's only file is in the index, if the index has it whole in one piece, and it inherits nothing.
    ///
    /// - Parameter next: a row in which to look first; then the one behind it.
    func onlyPlace(of run: UniqueID, from next: inout Int) -> CoverageMap.Place? {
        // Not by `flatMap(onlyPlace)`: that copies the table for the closure, and readers ask once a series.
        guard let row = row(of: run, from: &next) else { return nil }
        return onlyPlace(ofRow: row)
    }

    private func onlyPlace(ofRow row: Int) -> CoverageMap.Place? {
        guard starts[row + 1] == starts[row] + 1, let number = entries[Int(starts[row])].whole else { return nil }
        return coverage.onlyPlace(ofFile: number)
    }

    /// What the index says of that file.
    ///
    /// - Parameter next: a row in which to look first; then the one behind it.
    func onlyFile(of run: UniqueID, from next: inout Int) -> CoverageTable.Summary? {
        guard let place = onlyPlace(of: run, from: &next) else { return nil }
        return coverage.summary(at: place)
    }

    /// The runs that inherit another one's history, ascending.
    var forkedRuns: [UniqueID] {
        let outside = opened.contains { $0.begin.fork != nil }
        guard outside || coverage.hasForks else { return [] }
        return runs.indices.filter { row in
            entries(ofRow: row).contains { entry in
                entry.whole.map { coverage.isFork($0) } ?? (opened[entry.opened].begin.fork != nil)
            }
        }.map { runs[$0] }
    }
}
