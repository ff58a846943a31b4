import VarveFormat

/// The files that a snapshot takes from the index whole, without opening them: the most of them. Each is a closed log, known by its
/// number in the coverage.
struct WholeFiles: Sendable {
    private let coverage: CoverageMap
    /// By number.
    private var isTaken: [Bool]
    /// Of those that have no file of their own, by number: the pack, and where they begin in it.
    private var packed: [Int: (pack: LogName, offset: Int)] = [:]

    /// None is taken yet.
    init(_ coverage: CoverageMap) {
        self.coverage = coverage
        isTaken = [Bool](repeating: false, count: coverage.count)
    }

    func contains(_ number: Int) -> Bool { isTaken[number] }

    func contains(_ identity: LogIdentity) -> Bool { coverage.number(of: identity).map { isTaken[$0] } ?? false }

    /// Takes a file; one that was taken stays where it was met first.
    mutating func insert(_ number: Int, in place: (pack: LogName, offset: Int)? = nil) {
        guard !isTaken[number] else { return }
        isTaken[number] = true
        if let place { packed[number] = place }
    }

    /// Ascending.
    var numbers: [Int] { isTaken.indices.filter { isTaken[$0] } }

    /// What the index says of a file, and where that is.
    subscript(number: Int) -> SourceFile {
        let covered = coverage[number]
        let indexed = coverage.places(ofFile: number)
        guard let (pack, offset) = packed[number] else {
            return SourceFile(covered, name: .log(run: covered.begin.run, n: covered.begin.n), indexed: indexed)
        }
        return SourceFile(covered, name: pack, offset: offset, indexed: indexed)
    }
}
