import Varve

/// One who follows the repository, for as long as nothing fails or dies: each point that comes is new, right, in order, and none of
/// those that were logged since the beginning is left out.
final class SoakTail {
    private let tail: RepositoryTail
    private let first: Int
    private var seen: Set<Int> = []
    private var order = SoakOrder()

    init(_ repository: Repository, _ oracle: SoakOracle) throws {
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
                if entry.run != chunk.run || entry.metric != chunk.metric.name || entry.step != chunk.steps[i] {
                    failure = failure ?? "the tail shows entry \(number) wrong: \(entry)"
                }
                if !seen.insert(number).inserted {
                    failure = failure ?? "the tail shows entry \(number) twice: \(entry)"
                }
                if let before = order.note(number, writer: entry.writer, chunk.metric.name) {
                    failure = failure ?? "the tail shows \(number) after \(before)"
                }
            }
        }
        if let failure { throw SoakFailure(failure) }
        for (number, entry) in oracle.entries.enumerated()
        where number >= first && entry.metric != nil && !seen.contains(number) {
            switch entry.state {
            case .safe, .durable: throw SoakFailure("the tail leaves out entry \(number): \(entry)")
            case .open, .dropped, .removed: break
            }
        }
    }
}
