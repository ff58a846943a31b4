import Varve

/// One who follows the repository, for as long as nothing fails or dies: each point that comes is new, right, in order, and none of
/// those that were logged since the beginning is left out.
final class SoakTail {
    private let tail: RepositoryTail
    private let first: Int
    /// Writers without a journal that were there before: nothing says that they live, and they aren't followed.
    private let unfollowed: Set<Int>
    private var seen: Set<Int> = []
    private var last: [String: Int] = [:]

    init(_ repository: Repository, _ oracle: SoakOracle, unfollowed: Set<Int>) throws {
        self.unfollowed = unfollowed
        tail = try RepositoryTail(repository, Query())
        first = oracle.count
    }

    func poll(_ oracle: SoakOracle) throws {
        var failure: String?
        try tail.poll { chunk in
            for i in 0..<chunk.count {
                guard let number = Int(exactly: chunk.values[i]), oracle.entries.indices.contains(number) else {
                    failure = failure ?? "the tail shows \(chunk.values[i]), which nobody logged"
                    continue
                }
                let entry = oracle.entries[number]
                let order = "\(entry.writer) \(chunk.metric.name)"
                if entry.run != chunk.run || entry.metric != chunk.metric.name || entry.step != chunk.steps[i] {
                    failure = failure ?? "the tail shows entry \(number) wrong: \(entry)"
                }
                if !seen.insert(number).inserted {
                    failure = failure ?? "the tail shows entry \(number) twice: \(entry)"
                }
                if let before = last[order], before > number {
                    failure = failure ?? "the tail shows \(number) after \(before)"
                }
                last[order] = number
            }
        }
        if let failure { throw SoakFailure(failure) }
        for (number, entry) in oracle.entries.enumerated()
        where number >= first && entry.metric != nil && !seen.contains(number) && !unfollowed.contains(entry.writer) {
            switch entry.state {
            case .safe, .durable: throw SoakFailure("the tail leaves out entry \(number): \(entry)")
            case .open, .dropped, .removed: break
            }
        }
    }
}
