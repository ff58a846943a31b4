import Varve
import VarveCampaign

/// How far the planned campaigns of a repository are, looked at now and then: with many runs that takes longer than a look at the
/// runs themselves.
struct TopCampaigns {
    /// Those that aren't done, the ones that run first.
    private(set) var open: [CampaignStatus] = []
    private var nextLook: Int64 = .min
    /// No more than this share of the time is spent on it.
    private static let share: Int64 = 20
    private static let most = 3

    /// Looks again, if it is time to.
    ///
    /// - Parameter entries: when runs logged last.
    mutating func update(_ repository: Repository, _ snapshot: Snapshot, _ entries: [RunID: TopFeed.Entry]) {
        let began = monotonicTime()
        guard began >= nextLook else { return }
        let plans = PlanStore(repository)
        // A plan that can't be read is no reason not to show what runs; varve campaign status says what is wrong with it.
        let ids = (try? plans.list().ids) ?? []
        let found = ids.compactMap { id -> CampaignStatus? in
            guard let plan = try? plans.plan(id) else { return nil }
            return try? CampaignStatus(of: plan, snapshot, now: wallTime()) { runs in
                Dictionary(uniqueKeysWithValues: runs.compactMap { run in entries[run]?.lastTime.map { (run, $0) } })
            }
        }.filter { $0.count(.done) < $0.cells.count }
        let running = found.filter { $0.count(.running) + $0.count(.stalled) > 0 }
        let others = found.filter { $0.count(.running) + $0.count(.stalled) == 0 }
        open = Array((running + others).prefix(Self.most))
        nextLook = monotonicTime() + max(1_000_000_000, Self.share * (monotonicTime() - began))
    }
}
