import Varve

/// How far a campaign is: the state of each cell of its plan.
public struct CampaignStatus: Sendable {
    /// The plan.
    public var plan: CampaignPlan
    /// The cells, in the order of the plan.
    public var cells: [CellStatus]
    /// How long the runs took that finished, in seconds.
    public var durations: Sample
    /// Runs of the campaign that are no cell of the plan.
    public var strangers: Int

    /// How a cell stands.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// A run of it finished.
        case done
        /// One is running.
        case running
        /// One is running, but hasn't logged for a while.
        case stalled
        /// The newest one failed.
        case failed
        /// The newest one was killed.
        case killed
        /// There is none.
        case missing
    }

    /// A cell and its runs.
    public struct CellStatus: Sendable {
        /// The cell.
        public var cell: CampaignPlan.Cell
        /// How it stands.
        public var state: State
        /// Its runs, oldest first.
        public var runs: [RunID]
        /// Runs of it that finished: more than one is a waste.
        public var finished: Int
        /// Of a running or stalled one: when it last logged, nanoseconds since 1970; before its first point: when it was started.
        public var lastLogged: Int64?
    }

    /// Looks at a campaign.
    ///
    /// A run is one of a cell if its params have the values of all axes, and its `campaign_id` is the plan's or not set.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since 1970.
    ///   - stalledAfter: for how many seconds a running cell may log nothing.
    public init(
        of plan: CampaignPlan, _ snapshot: Snapshot, now: Int64, stalledAfter: Double = 600
    ) throws(VarveError) {
        try self.init(of: plan, snapshot, now: now, stalledAfter: stalledAfter) { runs throws(VarveError) in
            try Self.lastTimes(runs, snapshot)
        }
    }

    /// The same for those who know when runs logged last.
    ///
    /// - Parameter lastTimes: asked once, for the runs that are running: nanoseconds since 1970 of their newest points.
    public init(
        of plan: CampaignPlan, _ snapshot: Snapshot, now: Int64, stalledAfter: Double = 600,
        lastTimes: ([RunID]) throws(VarveError) -> [RunID: Int64]
    ) throws(VarveError) {
        self.plan = plan
        let names = plan.axes.map(\.name)
        var places: [[PropertyIdentity]: Int] = [:]
        let cells = plan.cells
        for (place, cell) in cells.enumerated() { places[cell.values.map { PropertyIdentity($0) }] = place }
        var runs: [[RunInfo]] = Array(repeating: [], count: cells.count)
        strangers = 0
        for run in snapshot.runs {
            guard plan.mayOwn(run) else { continue }
            if let place = places[run.values(of: names).map { PropertyIdentity($0) }] {
                runs[place].append(run)
            } else if run.campaign != nil {
                strangers += 1
            }
        }
        let lastTimes = try lastTimes(runs.flatMap { $0 }.filter { $0.status == .running }.map(\.id))
        let limit = now - Int64(min(stalledAfter, 1e9) * 1e9)
        self.cells = cells.enumerated().map { place, cell in
            Self.status(cell, runs[place], lastTimes, silentSince: limit)
        }
        durations = Sample(runs.flatMap { $0 }.filter { $0.status == .finished }.compactMap(\.seconds))
    }

    private static func status(
        _ cell: CampaignPlan.Cell, _ runs: [RunInfo], _ lastTimes: [RunID: Int64], silentSince limit: Int64
    ) -> CellStatus {
        let finished = runs.count { $0.status == .finished }
        var status = CellStatus(cell: cell, state: .missing, runs: runs.map(\.id), finished: finished)
        let live = runs.filter { $0.status == .running || $0.status == .silent }
        if finished > 0 {
            status.state = .done
        } else if !live.isEmpty {
            status.lastLogged = live.map { lastTimes[$0.id] ?? $0.ended ?? $0.created }.max()
            let isSilent = live.allSatisfy { $0.status == .silent }
            status.state = isSilent || status.lastLogged ?? .min < limit ? .stalled : .running
        } else if let newest = runs.last {
            status.state = newest.status == .failed ? .failed : .killed
        }
        return status
    }

    /// When runs logged their newest points.
    private static func lastTimes(_ runs: [RunID], _ snapshot: Snapshot) throws(VarveError) -> [RunID: Int64] {
        guard !runs.isEmpty else { return [:] }
        var times: [RunID: Int64] = [:]
        let reader = try snapshot.series(Query(runs: runs, columns: .times))
        while let chunk = try reader.next() {
            var newest = times[chunk.run] ?? .min
            for i in 0..<chunk.times.count { newest = max(newest, chunk.times[i]) }
            times[chunk.run] = newest
        }
        return times.filter { $0.value != .min }
    }

    /// How many cells are in a state.
    public func count(_ state: State) -> Int { cells.count { $0.state == state } }

    /// Cells of which more than one run finished.
    public var duplicated: Int { cells.count { $0.finished > 1 } }

    /// The cells that are still to be run: missing, failed and killed ones.
    public var open: [CellStatus] {
        cells.filter { [State.missing, .failed, .killed].contains($0.state) }
    }

    /// Seconds until all cells are done, if as many go on running as do now (at least one), each as long as the finished ones
    /// took on average; nil: none has finished yet.
    public var secondsLeft: Double? {
        guard let mean = durations.mean else { return nil }
        let left = Double(open.count + count(.running) + count(.stalled))
        return left * mean / Double(max(1, count(.running)))
    }
}

extension CampaignPlan {
    /// Whether a run with the values of a cell is one of this campaign: its `campaign_id` is the plan's, or not set.
    func mayOwn(_ run: RunInfo) -> Bool { run.campaign.map { $0.plainText == id } ?? true }
}

extension RunInfo {
    fileprivate var campaign: PropertyValue? { properties["params.\(ParamAxis.campaign)"] }
}
