/// Memory for decoded words: one of the few homes of unsafe pointers.
///
/// One thread fills it; once it has been handed on nobody writes, until its last owner uses it anew. What points into it must
/// keep it.
final class WordBlock: @unchecked Sendable {
    private(set) var words: UnsafeMutablePointer<UInt64>
    private(set) var capacity: Int

    /// Room for at least `count` words, with undefined contents.
    init(_ count: Int) {
        capacity = max(count, 64)
        words = .allocate(capacity: capacity)
    }

    deinit { words.deallocate() }

    /// Makes room for `count` words; the contents are undefined from here on, and pointers into it are void.
    func reserve(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        if count > capacity {
            words.deallocate()
            capacity = count + count / 8
            words = .allocate(capacity: capacity)
        }
        return words
    }

    /// The words as steps, times, or values.
    var steps: UnsafeMutablePointer<Int> { UnsafeMutableRawPointer(words).assumingMemoryBound(to: Int.self) }
    var numbers: UnsafeMutablePointer<Int64> { UnsafeMutableRawPointer(words).assumingMemoryBound(to: Int64.self) }
    var values: UnsafeMutablePointer<Double> { UnsafeMutableRawPointer(words).assumingMemoryBound(to: Double.self) }
}

/// Where consecutive points stand in memory that somebody else keeps. Columns that nobody asked for are nil.
struct PointPlace {
    var steps: UnsafePointer<Int>?
    var times: UnsafePointer<Int64>?
    var values: UnsafePointer<Double>?
    var count: Int

    /// Those at these positions.
    func extracting(_ range: Range<Int>) -> PointPlace {
        PointPlace(
            steps: steps.map { $0 + range.lowerBound }, times: times.map { $0 + range.lowerBound },
            values: values.map { $0 + range.lowerBound }, count: range.count)
    }
}
