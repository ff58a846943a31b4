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
/// Nothing is kept but runs: whoever runs the plan again, after a kill too, goes on with the cells that aren't done. Two that
/// run it at one time may do a cell twice, unless each takes a share of its own.
public struct CampaignRunner {
    /// How to run.
    public struct Options: Sendable {
        /// Commands at a time.
        public var workers = 1
        /// The command with axes in braces; empty: the plan's.
        public var command: [String] = []
        /// Only each `of`-th cell, from the `number`-th on (1 to `of`): several machines share a plan so.
        public var share: (number: Int, of: Int) = (1, 1)
        /// How often a cell that fails is begun again.
        public var retries = 0
        /// For how many seconds a running cell may log nothing before another run of it is started; nil: for ever.
        public var stalledAfter: Double?
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
    }

    /// What came out.
    public struct Outcome: Hashable, Sendable {
        /// Cells that were to be run.
        public var planned = 0
        /// Cells that succeeded.
        public var succeeded = 0
        /// Cells that failed, after all retries.
        public var failed = 0
        /// Whether it was stopped before all cells were over.
        public var wasStopped = false
    }

    private let repository: Repository
    private let plan: CampaignPlan
    private let options: Options
    private let templates: [CellTemplate]
    private var active: [Worker] = []
    private var waiting: [(cell: CampaignPlan.Cell, retries: Int)] = []
    private var outcome = Outcome()
    private var durations: [Double] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// A runner of `plan`.
    /// - Throws: `invalid` if there is no command, or if it names what the plan doesn't have.
    public init(_ plan: CampaignPlan, in repository: Repository, _ options: Options) throws(VarveError) {
        self.plan = plan
        self.repository = repository
        self.options = options
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
        let status = try CampaignStatus(
            of: plan, repository.snapshot(), now: Self.now(), stalledAfter: options.stalledAfter ?? 1e9)
        waiting = status.cells.filter { cell in
            let isOpen = [.missing, .failed, .killed].contains(cell.state)
            let isMine = (cell.cell.number - 1) % options.share.of == options.share.number - 1
            return isMine && (isOpen || cell.state == .stalled && options.stalledAfter != nil)
        }.map { ($0.cell, options.retries) }.reversed()
        outcome.planned = waiting.count
        do throws(VarveError) {
            while !waiting.isEmpty || !active.isEmpty {
                while active.count < options.workers, let next = waiting.popLast() {
                    active.append(try Worker(next.cell, next.retries, plan, repository, command(next.cell)))
                    event(.began(next.cell))
                }
                if try wait() {
                    stop()
                    outcome.wasStopped = true
                    return outcome
                }
                try collect(event)
            }
        } catch {
            stop()
            throw error
        }
        return outcome
    }

    /// The words of a cell's command. A shell's text is read by that shell: there values are quoted.
    private func command(_ cell: CampaignPlan.Cell) -> [String] {
        let isShell = templates.count == 3 && plan.command.starts(with: ["/bin/sh", "-c"]) && options.command.isEmpty
        return templates.enumerated().map { $1.text(cell, of: plan, isQuoted: isShell && $0 == 2) }
    }

    /// Waits until something is printed or ends, a fifth of a second at most; true: it is time to stop.
    private mutating func wait() throws(VarveError) -> Bool {
        var descriptors = active.flatMap(\.descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A pipe that is over stays readable: then the end of its process is waited for.
        let timeout: Int32 = active.contains { $0.isSilent } ? 20 : 200
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
                waiting.append((worker.cell, worker.retries - 1))
                continue
            } else {
                outcome.failed += 1
            }
            let mean = durations.reduce(0, +) / Double(durations.count)
            let left = Double(waiting.count + active.count) * mean / Double(options.workers)
            event(
                .ended(
                    worker.cell, exit, over: outcome.succeeded + outcome.failed, of: outcome.planned, secondsLeft: left)
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

/// A command that runs, and the run that it belongs to.
private final class Worker {
    let cell: CampaignPlan.Cell
    let retries: Int
    private let run: Run
    private var process: CellProcess
    private var captures = [ConsoleCapture(channel: "stdout"), ConsoleCapture(channel: "stderr")]
    private let began = CampaignRunner.now()

    init(
        _ cell: CampaignPlan.Cell, _ retries: Int, _ plan: CampaignPlan, _ repository: Repository, _ command: [String]
    ) throws(VarveError) {
        self.cell = cell
        self.retries = retries
        let params = plan.params(of: cell)
        var options = RunOptions()
        options.attempt = 0
        options.journalBytes = 64 << 10
        let name = zip(plan.axes, cell.values).map { "\($0.name)=\($1.plainText)" }.joined(separator: " ")
        let run = try repository.startRun(name: String(name.prefix(200)), params: params, options: options)
        self.run = run
        var object = JSONObject()
        for key in params.keys.sorted() { object[key] = params[key].map { JSONValue(environment: $0) } }
        do throws(VarveError) {
            process = try CellProcess(
                command,
                environment: [
                    "VARVE_REPO": Self.absolute(repository.path), "VARVE_RUN_ID": run.id.description,
                    "VARVE_ATTEMPT": "0", "VARVE_CAMPAIGN_ID": plan.id, "VARVE_CELL": String(cell.number),
                    "VARVE_PARAMS": JSONValue.object(object).text,
                ])
        } catch {
            try? run.fail(error.message)
            throw error
        }
        try run.set(["process.command": .string(String(command.joined(separator: " ").prefix(10_000)))])
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let full = realpath(path, nil) else { return path }
        defer { free(full) }
        return String(cString: full)
    }

    var descriptors: [Int32] { process.outputs.filter { $0 >= 0 } }
    /// It has closed both outputs, but may go on.
    var isSilent: Bool { descriptors.isEmpty }
    var seconds: Double { Double(CampaignRunner.now() - began) / 1e9 }

    func signal(_ number: Int32) { process.signal(number) }

    /// Takes what was printed; returns how the command ended, if it did.
    func advance(_ buffer: inout [UInt8]) throws(VarveError) -> CellExit? {
        // Asked first: what was printed before the end is there then.
        let exit = process.ended()
        for index in captures.indices {
            // One command that prints without a pause must not keep the others waiting.
            for _ in 0..<(exit == nil ? 16 : 1024) {
                guard let new = process.read(index, into: &buffer), !new.isEmpty else { break }
                captures[index].take(new)
            }
            if let text = captures[index].due(now: CampaignRunner.now()) { try log(text, captures[index].channel) }
        }
        return exit
    }

    func finish(_ exit: CellExit, why: String? = nil) throws(VarveError) {
        for index in captures.indices {
            if let text = captures[index].rest() { try log(text, captures[index].channel) }
        }
        switch exit {
        case .status(let status): try run.set("process.exit_status", .int(Int64(status)))
        case .signal(let number): try run.set("process.signal", .int(Int64(number)))
        }
        if exit.isSuccess { try run.finish() } else { try run.fail(why ?? exit.description) }
    }

    private func log(_ text: String, _ channel: String) throws(VarveError) {
        for part in ConsoleCapture.parts(text) { try run.text(part, channel: channel) }
    }
}

extension JSONValue {
    /// A param as a command gets it.
    fileprivate init(environment value: PropertyValue) {
        switch value {
        case .absent, .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .json(let text): self = (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }
}
