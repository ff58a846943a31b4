import VarveFormat

/// Series of a log that are read one after the other, decoded together: a frame has points of all series of its run, and opening it anew
/// for each of them would cost as many times as there are series.
///
/// Not thread-safe.
final class TailReadAhead {
    /// Points that are kept, of all logs together: 48 MiB.
    private static let mostPoints = 1 << 21

    private struct Place: Hashable {
        var path: String
        var identity: LogIdentity
    }

    /// What is kept of a log.
    private struct Shelf {
        /// The log's wanted series, in the order in which they are read.
        let order: [LogAppender.SeriesKey]
        /// Those that were decoded together.
        var parts: [LogAppender.SeriesKey: [SeriesPoints]] = [:]
        /// The series that was asked for last and is read by itself.
        var single: LogAppender.SeriesKey?
        /// A frame can't be read: each series is read by itself, and whose part it has is told.
        var isDamaged = false
    }

    /// Ascending.
    private let wanted: [MetricKey]
    private let mostOfALog: Int
    private var shelves: [Place: Shelf] = [:]

    /// - Parameters:
    ///   - wanted: metrics that are read one after the other, ascending.
    ///   - logs: how many logs are read side by side.
    init(_ wanted: [MetricKey], logs: Int) {
        self.wanted = wanted
        mostOfALog = Self.mostPoints / max(logs, 1)
    }

    /// A part of a series; nil: it is to be read by itself.
    func part(_ part: Int, of key: LogAppender.SeriesKey, in tail: LogTail, _ frames: OpenFrames) -> SeriesPoints? {
        guard wanted.count > 1 else { return nil }
        let place = Place(path: tail.path, identity: tail.section.begin.identity)
        if let shelf = shelves[place] {
            if let parts = shelf.parts[key] { return part < parts.count ? parts[part] : nil }
            if shelf.isDamaged || shelf.single == key { return nil }
        }
        var shelf = shelves[place] ?? Shelf(order: order(of: tail))
        shelf.parts = [:]
        // Before others are decoded: not both are in memory.
        shelves[place] = shelf
        let next = next(key, in: tail, shelf.order)
        if next.count < 2 {
            shelf.single = key
        } else if let parts = tail.parts(of: next, frames) {
            shelf.parts = parts
        } else {
            shelf.isDamaged = true
        }
        shelves[place] = shelf
        return shelf.parts[key].flatMap { part < $0.count ? $0[part] : nil }
    }

    private func order(of tail: LogTail) -> [LogAppender.SeriesKey] {
        tail.series.filter { key in
            let place = Self.lowerBound(wanted) { $0 < key.metric }
            return place < wanted.count && wanted[place] == key.metric
        }.sorted(by: Self.precedes)
    }

    /// A series and those that come after it, as many as there is room for.
    private func next(
        _ key: LogAppender.SeriesKey, in tail: LogTail, _ order: [LogAppender.SeriesKey]
    ) -> ArraySlice<LogAppender.SeriesKey> {
        let first = Self.lowerBound(order) { Self.precedes($0, key) }
        var (end, points) = (first, 0)
        while end < order.count {
            points += tail.count(order[end])
            if points > mostOfALog { break }
            end += 1
        }
        return order[first..<end]
    }

    /// Steps that were given come before counted ones.
    private static func precedes(_ a: LogAppender.SeriesKey, _ b: LogAppender.SeriesKey) -> Bool {
        a.metric == b.metric ? !a.automaticSteps && b.automaticSteps : a.metric < b.metric
    }

    private static func lowerBound<Element>(_ sorted: [Element], _ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
