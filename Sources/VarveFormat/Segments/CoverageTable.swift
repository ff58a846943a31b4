/// The coverage of a segment, column by column: which parts of which log files it holds (Format.md, section 6).
///
/// All of it was checked when it was parsed. A row is made when it is asked for: a repository of 100,000 runs has as many
/// rows in its index, and most readers look at few of them. A class, so that looking at a row counts one reference and not
/// those of all its columns.
package final class CoverageTable: Sendable {
    let repository: UniqueID
    private let runs: [UniqueID]
    private let columns: [WordColumn]
    /// Names of files of several runs, and the hosts of others.
    private let texts: TextColumn
    package let count: Int

    /// The columns in the order in which they are stored.
    enum Column: Int, CaseIterable {
        case run, n, salt, attempt, rank, flags, fromSequence, toSequence, fromOffset, toOffset, sealN, sealSalt,
            sealSize, rewindMode, rewindValue, forkHigh, forkLow, forkAttempt, forkStep, created, endState, endTime,
            lostPoints, points, durability
    }

    /// Takes columns that ``CoverageSection`` has checked.
    init(repository: UniqueID, runs: [UniqueID], columns: [WordColumn], texts: TextColumn, count: Int) {
        self.repository = repository
        self.runs = runs
        self.columns = columns
        self.texts = texts
        self.count = count
    }

    func word(_ column: Column, _ row: Int) -> UInt64 { columns[column.rawValue][row] }

    // MARK: What is looked at in every row

    /// The row of the segment's runs section; −1: the file is of several runs.
    package func runRow(_ row: Int) -> Int { Int(truncatingIfNeeded: word(.run, row)) - 1 }

    /// The run; zero: the file is of several.
    package func run(_ row: Int) -> UniqueID {
        let place = runRow(row)
        return place < 0 ? .zero : runs[place]
    }

    package func n(_ row: Int) -> UInt32 { UInt32(truncatingIfNeeded: word(.n, row)) }
    package func salt(_ row: Int) -> UInt64 { word(.salt, row) }
    package func isSeal(_ row: Int) -> Bool { word(.sealN, row) != 0 }
    package func isClosed(_ row: Int) -> Bool { word(.endState, row) != 0 }
    package func firstOffset(_ row: Int) -> UInt64 { word(.fromOffset, row) }
    package func isFork(_ row: Int) -> Bool { word(.forkHigh, row) != 0 || word(.forkLow, row) != 0 }

    /// Whether any row inherits another run's history.
    package var hasForks: Bool {
        columns[Column.forkHigh.rawValue].constant != 0 || columns[Column.forkLow.rawValue].constant != 0
    }
}

extension CoverageTable: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(row: Int) -> CoverageRow {
        var begin = BeginFrame()
        begin.repository = repository
        begin.run = run(row)
        begin.n = n(row)
        begin.salt = salt(row)
        begin.attempt = UInt32(truncatingIfNeeded: word(.attempt, row))
        let rank = word(.rank, row)
        if rank > 0 { begin.rank = UInt32(truncatingIfNeeded: rank - 1) }
        begin.created = Int64(bitPattern: word(.created, row))
        begin.durability = durability(row)
        if word(.rewindMode, row) != 0 { begin.rewind = .step(Int64(bitPattern: word(.rewindValue, row))) }
        if isSeal(row) {
            begin.sealOf = BeginFrame.SealSource(
                n: UInt32(truncatingIfNeeded: word(.sealN, row)), salt: word(.sealSalt, row), size: word(.sealSize, row)
            )
        }
        if isFork(row) {
            begin.fork = BeginFrame.ForkSource(
                run: UniqueID(high: word(.forkHigh, row), low: word(.forkLow, row)),
                attempt: UInt32(truncatingIfNeeded: word(.forkAttempt, row)),
                step: Int64(bitPattern: word(.forkStep, row)))
        }
        var result = CoverageRow(
            begin: begin, sequences: word(.fromSequence, row)..<word(.toSequence, row),
            offsets: word(.fromOffset, row)..<word(.toOffset, row))
        result.endState = endState(row)
        if result.isClosed { result.endTime = Int64(bitPattern: word(.endTime, row)) }
        result.lostPoints = word(.lostPoints, row)
        result.points = word(.points, row)
        if runRow(row) < 0 { result.name = texts[row] } else { result.begin.host = texts[row] }
        return result
    }
}

extension CoverageTable {
    /// What a list of runs says of a file: much less than all of a row, of which there may be 100,000.
    package struct Summary {
        package var attempt: UInt32
        /// Nanoseconds since 1970, as ``endTime`` is.
        package var created: Int64
        package var endState: EndFrame.State?
        package var endTime: Int64
        package var points: UInt64
        package var lostPoints: UInt64
        package var durability: Durability
        /// Empty: nobody knows.
        package var host: String
    }

    /// Of a file of one run.
    package func summary(_ row: Int) -> Summary {
        let endState = endState(row)
        return Summary(
            attempt: UInt32(truncatingIfNeeded: word(.attempt, row)), created: Int64(bitPattern: word(.created, row)),
            endState: endState,
            endTime: endState == nil ? FormatConstants.noTime : Int64(bitPattern: word(.endTime, row)),
            points: word(.points, row), lostPoints: word(.lostPoints, row), durability: durability(row),
            host: texts[row])
    }

    private func endState(_ row: Int) -> EndFrame.State? {
        let state = word(.endState, row)
        return state == 0 ? nil : EndFrame.State(rawValue: UInt8(truncatingIfNeeded: state - 1))
    }

    private func durability(_ row: Int) -> Durability {
        Durability(rawValue: UInt8(truncatingIfNeeded: word(.durability, row))) ?? .logOnly
    }
}

extension CoverageTable: CustomStringConvertible {
    package var description: String { "\(Array(self))" }
}

/// A column of texts of which few differ, such as hosts: each is kept once.
struct TextColumn: Sendable {
    private var distinct: [String] = []
    private var places: [ExactText: UInt32] = [:]
    private var rows: [UInt32] = []
    private var last: UInt32 = 0

    mutating func append(_ text: String) {
        // Neighbours mostly have the same.
        if rows.isEmpty || !distinct[Int(last)].hasSameBytes(as: text) {
            let exact = ExactText(text)
            last = places[exact] ?? UInt32(distinct.count)
            if last == distinct.count {
                distinct.append(text)
                places[exact] = last
            }
        }
        rows.append(last)
    }

    subscript(row: Int) -> String { distinct[Int(rows[row])] }
}

/// A column of 64-bit words; one word if they are all the same.
struct WordColumn: Sendable {
    /// What every row holds; nil: they differ.
    let constant: UInt64?
    private let words: [UInt64]

    init(_ words: [UInt64]) {
        let first = words.first ?? 0
        if words.allSatisfy({ $0 == first }) {
            constant = first
            self.words = []
        } else {
            constant = nil
            self.words = words
        }
    }

    subscript(row: Int) -> UInt64 { constant ?? words[row] }

    /// Whether a condition holds for every word; `row` is the first for which it doesn't.
    func firstRow(count: Int, where isWrong: (UInt64) -> Bool) -> Int? {
        if let constant { return count > 0 && isWrong(constant) ? 0 : nil }
        return words.firstIndex(where: isWrong)
    }
}
