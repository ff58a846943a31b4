import VarveFormat

/// What the index holds of one log file.
package struct CoveredFile: Hashable, Sendable {
    /// What its `begin` said, but for the host.
    package var begin: BeginFrame
    /// Points with lower sequences, and bytes at lower offsets, are in the index.
    package var sequence: UInt64
    package var offset: UInt64
    package var endState: EndFrame.State?
    package var endTime: Int64
    package var lostPoints: UInt64
    /// Points in the index.
    package var points: UInt64
    /// The file's name, if it is of several runs.
    package var name: String

    package var identity: LogIdentity { begin.identity }
    package var isClosed: Bool { endState != nil }

    /// Whether this is a seal whose source has grown since: then other sequences may be its own, and the seal's
    /// coverage
    /// is void. The seal is read from its log file, for good: a seal that was outgrown isn't indexed.
    ///
    /// - Parameter sourceBytes: the size of the sealed file now; nil: it is gone, and with it what the seal completes.
    package func isOutgrown(sourceBytes: Int?) -> Bool {
        guard let seal = begin.sealOf else { return false }
        guard let sourceBytes else { return true }
        return UInt64(max(0, sourceBytes)) > seal.size
    }
}

/// Which parts of which log files an index holds: the coverage of all its segments as one.
///
/// A file's rows form a chain from offset 0 on. A row that doesn't go on where the chain ends, for a gap or an overlap, is
/// not trusted: its points are read from the log, and whoever reads the segment passes over its slices
/// (``isTrusted(segment:row:)``).
///
/// Files are numbered in the order of (run, n, salt) and looked up by binary search, so that opening an index of 100,000
/// files makes two arrays and no dictionary; what is known of a file is put together when it is asked for.
package struct CoverageMap: Sendable {
    private let segments: [CoverageTable]
    /// All rows in the order of their files' identities, those of a file in the order of its chain.
    private let rows: [Row]
    /// Those files of which at least one row counts.
    private let files: [Chain]
    private let untrusted: Set<Place>
    /// Files of several runs, by name.
    private let named: [String: [Int]]

    /// A row of a segment's coverage.
    package struct Place: Hashable, Sendable {
        package var segment: Int
        package var row: Int
    }

    private struct Row {
        var run: UniqueID
        var salt: UInt64
        var n: UInt32
        var segment: UInt32
        var row: UInt32
        /// Its end is in the index, and it isn't a seal.
        var isClosedLog: Bool

        var place: Place { Place(segment: Int(segment), row: Int(row)) }

        static func precedes(_ a: Row, _ b: Row) -> Bool {
            if a.run != b.run { return a.run < b.run }
            return a.n != b.n ? a.n < b.n : a.salt < b.salt
        }

        func isOfSameFile(as other: Row) -> Bool { run == other.run && n == other.n && salt == other.salt }
    }

    /// Which of the rows are a file's.
    private struct Chain {
        var first: UInt32
        var count: UInt32

        var range: Range<Int> { Int(first)..<(Int(first) + Int(count)) }
    }

    package init(_ segments: [CoverageTable]) {
        self.segments = segments
        var rows: [Row] = []
        rows.reserveCapacity(segments.reduce(0) { $0 + $1.count })
        for (number, table) in segments.enumerated() {
            for row in 0..<table.count {
                rows.append(
                    Row(
                        run: table.run(row), salt: table.salt(row), n: table.n(row), segment: UInt32(number),
                        row: UInt32(row), isClosedLog: table.isClosed(row) && !table.isSeal(row)))
            }
        }
        // A segment's own rows are as good as sorted: only several have to be merged.
        rows.sort(by: Row.precedes)
        var files: [Chain] = []
        files.reserveCapacity(rows.count)
        var untrusted: Set<Place> = []
        var named: [String: [Int]] = [:]
        var start = 0
        while start < rows.count {
            var end = start + 1
            while end < rows.count, rows[start].isOfSameFile(as: rows[end]) { end += 1 }
            if Self.chain(&rows[start..<end], segments, &untrusted) {
                if rows[start].run == .zero,
                    let place = rows[start..<end].last(where: { !untrusted.contains($0.place) })?.place
                {
                    named[segments[place.segment][place.row].name, default: []].append(files.count)
                }
                files.append(Chain(first: UInt32(start), count: UInt32(end - start)))
            }
            start = end
        }
        self.rows = rows
        self.files = files
        self.untrusted = untrusted
        self.named = named
    }

    /// Puts the rows of a file in the order of its chain and finds those that don't belong to it; false: none does.
    private static func chain(
        _ rows: inout ArraySlice<Row>, _ segments: [CoverageTable], _ untrusted: inout Set<Place>
    ) -> Bool {
        let first = rows[rows.startIndex]
        if rows.count == 1, segments[Int(first.segment)].firstOffset(Int(first.row)) == 0 { return true }
        func row(_ place: Place) -> CoverageRow { segments[place.segment][place.row] }
        rows.sort { CoverageRow.precedes(row($0.place), row($1.place)) }
        var covered: CoverageRow?
        for place in rows.map(\.place) {
            let next = row(place)
            if covered.map({ $0.isContinued(by: next) }) ?? (next.offsets.lowerBound == 0) {
                covered = covered.map { $0.joined(with: next) } ?? next
            } else {
                untrusted.insert(place)
            }
        }
        return covered != nil
    }

    /// Whether what the index has of a seal doesn't count: its source has grown since
    /// (``CoveredFile/isOutgrown(sourceBytes:)``), or had when that was indexed, though a copy of it that is shorter is in its
    /// place by now.
    package func isOutgrown(_ seal: CoveredFile, sourceBytes: Int?) -> Bool {
        if seal.isOutgrown(sourceBytes: sourceBytes) { return true }
        guard let stated = seal.begin.sealOf?.size, let source = seal.begin.source, let covered = self[source] else {
            return false
        }
        // A file may lack the zeros that fill up its last frame; what the index says of it doesn't.
        return covered.offset > stated && covered.offset - stated >= UInt64(FormatConstants.frameAlignment)
    }

    // MARK: By number, in the order of (run, n, salt)

    /// The number of files of which the index holds something.
    package var count: Int { files.count }

    package func run(ofFile file: Int) -> UniqueID { rows[Int(files[file].first)].run }
    package func n(ofFile file: Int) -> UInt32 { rows[Int(files[file].first)].n }

    /// Its rows that count, in the order of the file.
    package func places(ofFile file: Int) -> [Place] {
        files[file].range.map { rows[$0].place }.filter { untrusted.isEmpty || !untrusted.contains($0) }
    }

    package func forEachPlace(ofFile file: Int, _ body: (Place) -> Void) {
        for row in files[file].range where untrusted.isEmpty || !untrusted.contains(rows[row].place) {
            body(rows[row].place)
        }
    }

    /// Where it is, if it is in one piece and inherits nothing.
    func onlyPlace(ofFile file: Int) -> Place? {
        guard files[file].count == 1 else { return nil }
        let place = rows[Int(files[file].first)].place
        return segments[place.segment].isFork(place.row) ? nil : place
    }

    /// What a list of runs says of a file of one piece.
    func summary(at place: Place) -> CoverageTable.Summary { segments[place.segment].summary(place.row) }

    /// Whether any file inherits another run's history.
    var hasForks: Bool { segments.contains { $0.hasForks } }

    func isFork(_ file: Int) -> Bool {
        files[file].range.contains { segments[Int(rows[$0].segment)].isFork(Int(rows[$0].row)) }
    }

    /// Whether it is in the index whole, its end too, and isn't a seal.
    package func isClosedLog(_ file: Int) -> Bool {
        if files[file].count == 1 { return rows[Int(files[file].first)].isClosedLog }
        let covered = self[file]
        return covered.isClosed && covered.begin.sealOf == nil
    }

    /// What the index holds of a file.
    package subscript(file: Int) -> CoveredFile {
        var covered: CoverageRow?
        forEachPlace(ofFile: file) { place in
            let row = segments[place.segment][place.row]
            covered = covered.map { $0.joined(with: row) } ?? row
        }
        let row = covered ?? CoverageRow(begin: BeginFrame(), sequences: 0..<0, offsets: 0..<0)
        return CoveredFile(
            begin: row.begin, sequence: row.sequences.upperBound, offset: row.offsets.upperBound,
            endState: row.endState, endTime: row.endTime, lostPoints: row.lostPoints, points: row.points,
            name: row.name)
    }

    /// The first file that isn't before a run's file with this number.
    private func firstFile(notBefore run: UniqueID, _ n: UInt32) -> Int {
        var low = 0
        var high = files.count
        while low < high {
            let middle = (low + high) / 2
            let row = rows[Int(files[middle].first)]
            if (row.run, row.n) < (run, n) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The number of a file.
    package func number(of identity: LogIdentity) -> Int? {
        var file = firstFile(notBefore: identity.run, identity.n)
        while file < files.count {
            let row = rows[Int(files[file].first)]
            guard row.run == identity.run, row.n == identity.n else { return nil }
            if row.salt == identity.salt { return file }
            file += 1
        }
        return nil
    }

    // MARK: By name and identity

    /// All files of which the index holds something, by run.
    package var covered: some Collection<CoveredFile> { files.indices.lazy.map { self[$0] } }

    /// What the index holds of a file.
    package subscript(identity: LogIdentity) -> CoveredFile? { number(of: identity).map { self[$0] } }

    /// The files that would bear this name; usually one. Whoever opens such a file compares the salt.
    package func files(named name: LogName) -> [CoveredFile] {
        switch name {
        case .log(let run, let n): files(of: run, n).filter { $0.begin.sealOf == nil }
        case .seal(let run, let n): files(of: run, n).filter { $0.begin.sealOf != nil }
        case .edit: (named[name.description] ?? []).map { self[$0] }
        case .journal, .pack, .spare: []
        }
    }

    private func files(of run: UniqueID, _ n: UInt32) -> [CoveredFile] {
        // What is of several runs is found by its own name alone.
        guard run != .zero else { return [] }
        var found: [CoveredFile] = []
        var file = firstFile(notBefore: run, n)
        while file < files.count, self.run(ofFile: file) == run, self.n(ofFile: file) == n {
            found.append(self[file])
            file += 1
        }
        return found
    }

    /// The files of one run, by number.
    package func files(of run: UniqueID) -> Range<Int> {
        let first = firstFile(notBefore: run, 0)
        var end = first
        while end < files.count, self.run(ofFile: end) == run { end += 1 }
        return first..<end
    }

    /// Whether the slices of a row count. They don't where the chain of its file is broken before it.
    package func isTrusted(segment: Int, row: Int) -> Bool {
        untrusted.isEmpty || !untrusted.contains(Place(segment: segment, row: row))
    }
}
