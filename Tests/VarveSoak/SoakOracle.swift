import Varve

/// What was logged, kept in the plainest way there is: a list. The value of a point, and the text of a line, is its number in
/// it, so that whatever is read tells which entry it claims to be.
package struct SoakOracle {
    /// What must be read of an entry.
    package enum State: Hashable {
        /// It may be there or not: the call that logged it didn't return, or the power failed since.
        case open
        /// It must be there: the call returned, and nothing but a power failure may take it.
        case safe
        /// It must be there, whatever happens.
        case durable
        /// It must not be there: it was dropped, and counted.
        case dropped
        /// It must not be there: its run was removed.
        case removed
    }

    package enum Form: Sendable { case point, line, record }

    package struct Entry {
        package var run: RunID
        package var form: Form
        /// Of a point.
        package var metric: String?
        /// `Int.min`: none.
        package var step: Int
        package var time: Int64
        /// Who wrote it: entries of one writer and metric are read in the order in which they were logged.
        package var writer: Int
        /// Of its run.
        package var attempt: Int
        package var state: State

        package init(
            run: RunID, form: Form = .point, metric: String?, step: Int, time: Int64, writer: Int, attempt: Int = 0,
            state: State
        ) {
            self.run = run
            self.form = form
            self.metric = metric
            self.step = step
            self.time = time
            self.writer = writer
            self.attempt = attempt
            self.state = state
        }
    }

    package private(set) var entries: [Entry] = []
    /// What is known of the entries of runs that aren't in the repository, and may come back.
    private var away: [RunID: [Int: State]] = [:]
    var properties = SoakProperties()
    var rewinds: [Rewind] = []

    /// What an attempt took back: of its run's earlier attempts everything from a step on.
    struct Rewind {
        var run: RunID
        var attempt: Int
        var step: Int
        var writer: Int
        var state: State
    }

    package init() {}

    var count: Int { entries.count }

    /// - Returns: the entry's number.
    package mutating func append(_ entry: Entry) -> Int {
        entries.append(entry)
        return entries.count - 1
    }

    mutating func settle(_ number: Int, _ state: State) { entries[number].state = state }

    /// All that a writer was told to be safe is on the disk.
    mutating func makeDurable(writer: Int) {
        for i in entries.indices where entries[i].writer == writer && entries[i].state == .safe {
            entries[i].state = .durable
        }
        for i in rewinds.indices where rewinds[i].writer == writer && rewinds[i].state == .safe {
            rewinds[i].state = .durable
        }
        properties.makeDurable(writer: writer)
    }

    /// A run is about to be moved to the trash, or to another repository: until that has returned nobody knows how much of it
    /// is there.
    mutating func beginRemoval(_ run: RunID) {
        // A repeated removal finds what the first one left.
        let isFirst = away[run] == nil
        if isFirst { away[run] = [:] }
        for i in entries.indices where entries[i].run == run {
            if isFirst { away[run]?[i] = entries[i].state }
            if entries[i].state != .dropped { entries[i].state = .open }
        }
        properties.beginRemoval(run)
    }

    mutating func endRemoval(_ run: RunID) {
        for i in entries.indices where entries[i].run == run { entries[i].state = .removed }
        properties.endRemoval(run)
    }

    /// A run is about to come back.
    mutating func beginReturn(_ run: RunID) {
        for i in entries.indices where entries[i].run == run && entries[i].state == .removed {
            entries[i].state = .open
        }
        properties.beginReturn(run)
    }

    /// A run is back, whole.
    mutating func endReturn(_ run: RunID) {
        for (number, state) in away.removeValue(forKey: run) ?? [:] { entries[number].state = state }
        properties.endReturn(run)
    }

    /// What nobody made durable may be gone.
    mutating func losePower() {
        for i in entries.indices where entries[i].state == .safe { entries[i].state = .open }
        for i in rewinds.indices where rewinds[i].state == .safe { rewinds[i].state = .open }
        for (run, states) in away { away[run] = states.mapValues { $0 == .safe ? .open : $0 } }
        properties.losePower()
    }

    /// Whether the standard view shows an entry; nil: nobody knows.
    private func isShown(_ entry: Entry) -> Bool? {
        let hiding = rewinds.filter { $0.run == entry.run && $0.attempt > entry.attempt && $0.step <= entry.step }
        // Of a run that is there in part, what took something back may be elsewhere.
        if away[entry.run] != nil { return hiding.isEmpty ? true : nil }
        if hiding.contains(where: { $0.state != .open }) { return false }
        return hiding.isEmpty ? true : nil
    }

    /// Compares the standard view with the entries that were found in the view of all: it shows what no later attempt took back.
    func compareStandard(_ shown: Set<Int>, all: Set<Int>) throws(SoakFailure) {
        guard shown.isSubset(of: all) else {
            throw SoakFailure("the standard view alone shows \(shown.subtracting(all).sorted().prefix(5))")
        }
        for number in all {
            let isThere = shown.contains(number)
            if let expected = isShown(entries[number]), expected != isThere {
                throw SoakFailure(
                    "\(isThere ? "taken back, and shown" : "hidden, and never taken back"): entry \(number), \(entries[number])"
                )
            }
        }
    }

    /// What was read of a repository, in the order in which it came.
    package struct Reading {
        package var points: [(run: RunID, metric: String, step: Int, time: Int64, value: Double)] = []
        package var lines: [(run: RunID, text: String)] = []
        package var records: [(run: RunID, record: Record)] = []
        package init() {}
    }

    /// Compares what was read: each entry once and as it was logged, in order, and all that must be there.
    ///
    /// - Parameter run: of which alone it was read, from a copy elsewhere; nil: of all. What a copy still has the repository may have
    ///   lost.
    package mutating func compare(_ reading: Reading, of run: RunID? = nil) throws(SoakFailure) {
        var seen = [Bool](repeating: false, count: entries.count)
        var order = SoakOrder()
        for point in reading.points {
            guard let number = Int(exactly: point.value), entries.indices.contains(number),
                entries[number].form == .point
            else { throw SoakFailure("a point that nobody logged: \(point)") }
            let entry = entries[number]
            guard entry.run == point.run, entry.metric == point.metric, entry.step == point.step,
                entry.time == point.time
            else { throw SoakFailure("wrong: \(point), logged as \(entry)") }
            if seen[number] { throw SoakFailure("twice: \(entry)") }
            seen[number] = true
            if let before = order.note(number, writer: entry.writer, point.metric) {
                throw SoakFailure("out of order: \(number) after \(before)")
            }
        }
        for (run, line) in reading.lines {
            guard let number = Int(line), entries.indices.contains(number), entries[number].form == .line,
                entries[number].run == run
            else { throw SoakFailure("a line that nobody wrote: \(line)") }
            if seen[number] { throw SoakFailure("a line twice: \(number)") }
            seen[number] = true
        }
        for (run, record) in reading.records { try compare(record, of: run, &seen, &order) }
        for (number, entry) in entries.enumerated() where run == nil || entry.run == run {
            switch (entry.state, seen[number]) {
            case (.safe, false), (.durable, false):
                // Records are read as the standard view has them.
                if entry.form == .record, isShown(entry) != true { continue }
                throw SoakFailure("lost: entry \(number), \(entry)")
            case (.dropped, true): throw SoakFailure("counted as dropped and there: entry \(number), \(entry)")
            case (.removed, true): throw SoakFailure("removed and there: entry \(number), \(entry)")
            // A reader never goes back in time.
            case (.open, true) where run == nil: entries[number].state = .safe
            default: break
            }
        }
    }

    private func compare(
        _ record: Record, of run: RunID, _ seen: inout [Bool], _ order: inout SoakOrder
    ) throws(SoakFailure) {
        guard let number = SoakRecord.number(of: record.content), entries.indices.contains(number),
            entries[number].form == .record
        else { throw SoakFailure("a record that nobody logged: \(record)") }
        let entry = entries[number]
        guard entry.run == run, record.metric.name == SoakRecord.name, record.step ?? .min == entry.step,
            record.time == entry.time, record.content == SoakRecord.content(number)
        else { throw SoakFailure("wrong: \(record), logged as \(entry)") }
        if seen[number] { throw SoakFailure("a record twice: \(entry)") }
        seen[number] = true
        if isShown(entry) == false { throw SoakFailure("a record that was taken back: entry \(number), \(entry)") }
        if let before = order.note(number, writer: entry.writer, SoakRecord.name) {
            throw SoakFailure("records out of order: \(number) after \(before)")
        }
    }
}

/// A promise that doesn't hold.
package struct SoakFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
