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
    }

    package struct Entry {
        package var run: RunID
        /// nil: a line of text.
        package var metric: String?
        package var step: Int
        package var time: Int64
        /// Who wrote it: entries of one writer and metric are read in the order in which they were logged.
        package var writer: Int
        package var state: State

        package init(run: RunID, metric: String?, step: Int, time: Int64, writer: Int, state: State) {
            self.run = run
            self.metric = metric
            self.step = step
            self.time = time
            self.writer = writer
            self.state = state
        }
    }

    package private(set) var entries: [Entry] = []

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
    }

    /// What nobody made durable may be gone.
    mutating func losePower() {
        for i in entries.indices where entries[i].state == .safe { entries[i].state = .open }
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
