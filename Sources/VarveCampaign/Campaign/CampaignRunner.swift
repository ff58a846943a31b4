import Glibc
import Varve

/// Runs the cells of a plan that are still to be run, some at a time.
///
/// Each cell gets a run of its own, which has its params, what the command printed (text on the channels `stdout` and
/// `stderr`), and how it ended (`process.exit_status` or `process.signal`). The command finds in its environment
///
/// - `VARVE_REPO`, the repository, and `VARVE_RUN_ID`, the run: what it logs with Varve goes there, `VARVE_ATTEMPT` being 0;
/// - `VARVE_CAMPAIGN_ID`, `VARVE_CELL` and `VARVE_PARAMS`, all params as a JSON object.
///
/// Nothing is kept but runs: whoever runs the plan again, after a kill too, goes on with the cells that aren't done. Several that
/// run it at one time, on one machine or on many, share it: each claims a cell for the moment in which it looks once more whether
/// that is still to be run, and begins it. Who has nothing left to begin looks at the whole plan again, and takes over the cells
/// of those who have died since.
public struct CampaignRunner {
    /// How to run.
    public struct Options: Sendable {
        /// Commands at a time.
        public var workers = 1
        /// The command with axes in braces; empty: the plan's.
        public var command: [String] = []
        /// Only each `of`-th cell, from the `number`-th on (1 to `of`): for machines that don't see each other's runs.
        public var share: (number: Int, of: Int) = (1, 1)
        /// How often a cell that fails is begun again.
        public var retries = 0
        /// For how many seconds a running cell may log nothing before another run of it is started; nil: for ever.
        public var stalledAfter: Double?
        /// Whether to stay until what others run is over, too, so that their cells are taken over whenever they die.
        public var waitsForOthers = false
        /// Becomes readable when no more cells shall be begun, and those that run are to be stopped.
        public var stopDescriptor: Int32?

        /// The defaults.
        public init() {}
    }

    /// What happened, for those who watch.
    public enum Event: Sendable {
        /// A cell was begun.
        case began(CampaignPlan.Cell)
        /// A cell ended; so many of all that were to be run are over, and so many seconds are left.
        case ended(CampaignPlan.Cell, CellExit, over: Int, of: Int, secondsLeft: Double)
        /// There is nothing to begin, but others run so many cells: they are waited for.
        case waits(Int)
    }

    /// What came out.
    public struct Outcome: Hashable, Sendable {
        /// Cells that were to be run, those of runners that died meanwhile among them.
        public var planned = 0
        /// Cells that succeeded.
        public var succeeded = 0
        /// Cells that failed, after all retries.
        public var failed = 0
        /// Cells that another process ran meanwhile, or is running.
        public var elsewhere = 0
        /// Whether it was stopped before all cells were over.
        public var wasStopped = false
    }

    private let repository: Repository
    private let plan: CampaignPlan
    private let options: Options
    private let templates: [CellTemplate]
    private let claims: Claims
    private var active: [CellWorker] = []
    /// Cells to be begun, the next one last.
    private var waiting: [Job] = []
    /// The numbers of all cells that were ever to be begun here.
    private var planned: Set<Int> = []
    /// Of these, those that another process has begun since the plan was looked at.
    private var elsewhere: Set<Int> = []
    /// Cells that ended here, whatever came out: they aren't begun again.
    private var over: Set<Int> = []
    /// Runs that were there when the plan was last looked at, and those of this runner.
    private var known: Set<RunID> = []
    private var outcome = Outcome()
    private var durations: [Double] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    private struct Job {
        var cell: CampaignPlan.Cell
        var retries: Int
    }

    /// A runner of `plan`.
    /// - Throws: `invalid` if there is no command, or if it names what the plan doesn't have.
    public init(_ plan: CampaignPlan, in repository: Repository, _ options: Options) throws(VarveError) {
        self.plan = plan
        self.repository = repository
        self.options = options
        claims = Claims(repository)
        let command = options.command.isEmpty ? plan.command : options.command
        guard !command.isEmpty else {
            throw VarveError(
                .invalid, "there is no command to run", remedy: "varve campaign run -- python train.py --seed {seed}")
        }
        var templates: [CellTemplate] = []
        for word in command { templates.append(try CellTemplate(word, of: plan)) }
        self.templates = templates
    }

    /// Runs what is to be run, and returns when it is over or was stopped.
    ///
    /// - Throws: what opening runs throws, after the commands that run were stopped; a command that can't be started throws, too.
    public mutating func run(_ event: (Event) -> Void) throws(VarveError) -> Outcome {
        let status = try look()
        known = Set(status.cells.flatMap(\.runs))
        plan(status.cells.filter(isOpen))
        do throws(VarveError) { try runAll(event) } catch {
            stop()
            throw error
        }
        outcome.planned = planned.count
        outcome.elsewhere = elsewhere.count
        return outcome
    }

    /// Puts cells into the queue, if they belong to this runner's share.
    private mutating func plan(_ cells: [CampaignStatus.CellStatus]) {
        let own = cells.map(\.cell).filter(isShared)
        waiting = own.map { Job(cell: $0, retries: options.retries) }.reversed()
        planned.formUnion(own.map(\.number))
        elsewhere.subtract(own.map(\.number))
    }

    private func isShared(_ cell: CampaignPlan.Cell) -> Bool {
        (cell.number - 1) % options.share.of == options.share.number - 1
    }

    private func look() throws(VarveError) -> CampaignStatus {
        try CampaignStatus(
            of: plan, repository.snapshot(), now: Self.now(), stalledAfter: options.stalledAfter ?? 1e9)
    }

    private func isOpen(_ cell: CampaignStatus.CellStatus) -> Bool {
        switch cell.state {
        case .missing, .failed, .killed: true
        case .stalled: options.stalledAfter != nil
        case .done, .running: false
        }
    }

    private mutating func runAll(_ event: (Event) -> Void) throws(VarveError) {
        var (hasBegun, misses, isWaiting) = (true, 0, false)
        while true {
            while active.count < options.workers, let job = waiting.popLast() {
                guard let worker = try begin(job) else {
                    elsewhere.insert(job.cell.number)
                    misses += 1
                    if misses % Self.missesForLook == 0 { try leaveToOthers() }
                    continue
                }
                (hasBegun, misses, isWaiting) = (true, 0, false)
                known.insert(worker.runID)
                active.append(worker)
                event(.began(job.cell))
            }
            if active.isEmpty {
                let others = try takeOver()
                // A claim that somebody holds for long isn't asked for again and again.
                if !waiting.isEmpty, hasBegun {
                    hasBegun = false
                    continue
                }
                guard options.waitsForOthers, others + waiting.count > 0 else {
                    elsewhere.formUnion(waiting.map(\.cell.number))
                    return
                }
                if !isWaiting { event(.waits(others + waiting.count)) }
                (hasBegun, isWaiting) = (true, true)
            }
            if try wait() {
                stop()
                outcome.wasStopped = true
                return
            }
            try collect(event)
        }
    }

    /// After so many cells in a row that others have begun it is quicker to look at the whole plan than at each.
    private static let missesForLook = 4

    /// Leaves to others what they have begun since the plan was looked at.
    private mutating func leaveToOthers() throws(VarveError) {
        let open = try look().cells.filter { cell in
            isOpen(cell) && (cell.state == .killed || cell.runs.allSatisfy(known.contains))
        }
        let numbers = Set(open.map(\.cell.number))
        elsewhere.formUnion(waiting.map(\.cell.number).filter { !numbers.contains($0) })
        waiting.removeAll { !numbers.contains($0.cell.number) }
    }

    /// Looks at the whole plan again, and queues what those left who have died, also what they began before this runner came.
    /// What failed elsewhere is for them to repeat.
    ///
    /// - Returns: how many cells others are running.
    private mutating func takeOver() throws(VarveError) -> Int {
        let cells = try look().cells
        known.formUnion(cells.flatMap(\.runs))
        plan(cells.filter { isOpen($0) && $0.state != .failed && !over.contains($0.cell.number) })
        let taken = Set(waiting.map(\.cell.number))
        return cells.count { cell in
            (cell.state == .running || cell.state == .stalled) && isShared(cell.cell)
                && !taken.contains(cell.cell.number)
        }
    }

    /// Begins a cell, unless another process has begun it since the plan was looked at, or is about to.
    private func begin(_ job: Job) throws(VarveError) -> CellWorker? {
        let values = job.cell.values.map(\.plainText).joined(separator: "\n")
        guard let claim = try claims.take("\(plan.id)\n\(values)") else { return nil }
        // From now on the run says itself that it is there.
        defer { claims.release(claim) }
        let properties = zip(plan.axes, job.cell.values).map { (key: "params.\($0.name)", value: $1) }
        let runs = try repository.snapshot().runs(having: properties).filter(plan.mayOwn)
        let isElsewhere = runs.contains { run in
            run.status == .finished || run.status != .killed && !known.contains(run.id)
        }
        return isElsewhere ? nil : try CellWorker(job.cell, job.retries, plan, repository, command(job.cell))
    }

    /// The words of a cell's command. A shell's text is read by that shell: there values are quoted.
    private func command(_ cell: CampaignPlan.Cell) -> [String] {
        let isShell = templates.count == 3 && plan.command.starts(with: ["/bin/sh", "-c"]) && options.command.isEmpty
        return templates.enumerated().map { $1.text(cell, of: plan, isQuoted: isShell && $0 == 2) }
    }

    /// Waits until something is printed or ends, a fifth of a second at most, or two seconds where nothing runs here; true: it is
    /// time to stop.
    private mutating func wait() throws(VarveError) -> Bool {
        var descriptors = active.flatMap(\.descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A pipe that is over stays readable: then the end of its process is waited for.
        let timeout: Int32 = active.isEmpty ? 2000 : active.contains { $0.isSilent } ? 20 : 200
        if let stop = options.stopDescriptor {
            descriptors.append(pollfd(fd: stop, events: Int16(POLLIN), revents: 0))
        }
        _ = poll(&descriptors, nfds_t(descriptors.count), timeout)
        guard options.stopDescriptor != nil, let last = descriptors.last else { return false }
        return last.revents & Int16(POLLIN) != 0
    }

    private mutating func collect(_ event: (Event) -> Void) throws(VarveError) {
        var index = 0
        while index < active.count {
            guard let exit = try active[index].advance(&buffer) else {
                index += 1
                continue
            }
            let worker = active.remove(at: index)
            try worker.finish(exit)
            durations.append(worker.seconds)
            if exit.isSuccess {
                outcome.succeeded += 1
            } else if worker.retries > 0 {
                waiting.append(Job(cell: worker.cell, retries: worker.retries - 1))
                continue
            } else {
                outcome.failed += 1
            }
            over.insert(worker.cell.number)
            let mean = durations.reduce(0, +) / Double(durations.count)
            let left = Double(waiting.count + active.count) * mean / Double(options.workers)
            event(
                .ended(
                    worker.cell, exit, over: over.count, of: planned.count - elsewhere.count,
                    secondsLeft: left)
            )
        }
    }

    /// Stops the commands that run: politely, and after five seconds for good. Their runs have failed.
    private mutating func stop() {
        for worker in active { worker.signal(SIGTERM) }
        let deadline = Self.now() + 5_000_000_000
        while !active.isEmpty {
            let isOver = Self.now() > deadline
            var index = 0
            while index < active.count {
                if isOver { active[index].signal(SIGKILL) }
                if let exit = try? active[index].advance(&buffer) {
                    try? active.remove(at: index).finish(exit, why: "stopped, \(exit)")
                } else {
                    index += 1
                }
            }
            usleep(10_000)
        }
    }

    static func now() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
