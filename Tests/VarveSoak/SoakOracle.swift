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

    package struct Entry {
        package var run: RunID
        /// nil: a line of text.
        package var metric: String?
        package var step: Int
        package var time: Int64
        /// Who wrote it: entries of one writer and metric are read in the order in which they were logged.
        package var writer: Int
        /// Of its run.
        package var attempt: Int
        package var state: State

        package init(
            run: RunID, metric: String?, step: Int, time: Int64, writer: Int, attempt: Int = 0, state: State
        ) {
            self.run = run
            self.metric = metric
            self.step = step
            self.time = time
            self.writer = writer
            self.attempt = attempt
            self.state = state
        }
    }

    package private(set) var entries: [Entry] = []
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

    /// What a removal found, and may have taken a part of.
    mutating func loosen(_ run: RunID) {
        for i in entries.indices where entries[i].run == run && entries[i].state != .dropped {
            entries[i].state = .open
        }
    }

    mutating func remove(_ run: RunID) {
        for i in entries.indices where entries[i].run == run { entries[i].state = .removed }
        properties.remove(run)
    }

    /// What nobody made durable may be gone.
    mutating func losePower() {
        for i in entries.indices where entries[i].state == .safe { entries[i].state = .open }
        for i in rewinds.indices where rewinds[i].state == .safe { rewinds[i].state = .open }
        properties.losePower()
    }

    /// Whether the standard view shows an entry; nil: nobody knows.
    private func isShown(_ entry: Entry) -> Bool? {
        let hiding = rewinds.filter { $0.run == entry.run && $0.attempt > entry.attempt && $0.step <= entry.step }
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

    /// Compares what was read: each entry once and as it was logged, in order, and all that must be there.
    package mutating func compare(
        _ points: [(run: RunID, metric: String, step: Int, time: Int64, value: Double)], _ lines: [(RunID, String)]
    )
        throws(SoakFailure)
    {
        var seen = [Bool](repeating: false, count: entries.count)
        var last: [String: Int] = [:]
        for point in points {
            guard let number = Int(exactly: point.value), entries.indices.contains(number),
                entries[number].metric != nil
            else { throw SoakFailure("a point that nobody logged: \(point)") }
            let entry = entries[number]
            guard entry.run == point.run, entry.metric == point.metric, entry.step == point.step,
                entry.time == point.time
            else { throw SoakFailure("wrong: \(point), logged as \(entry)") }
            if seen[number] { throw SoakFailure("twice: \(entry)") }
            seen[number] = true
            let order = "\(entry.writer) \(point.metric)"
            if let before = last[order], before > number {
                throw SoakFailure("out of order: \(number) after \(before)")
            }
            last[order] = number
        }
        for (run, line) in lines {
            guard let number = Int(line), entries.indices.contains(number), entries[number].metric == nil,
                entries[number].run == run
            else { throw SoakFailure("a line that nobody wrote: \(line)") }
            if seen[number] { throw SoakFailure("a line twice: \(number)") }
            seen[number] = true
        }
        for (number, entry) in entries.enumerated() {
            switch (entry.state, seen[number]) {
            case (.safe, false), (.durable, false): throw SoakFailure("lost: entry \(number), \(entry)")
            case (.dropped, true): throw SoakFailure("counted as dropped and there: entry \(number), \(entry)")
            case (.removed, true): throw SoakFailure("removed and there: entry \(number), \(entry)")
            // A reader never goes back in time.
            case (.open, true): entries[number].state = .safe
            default: break
            }
        }
    }
}

/// A promise that doesn't hold.
package struct SoakFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
