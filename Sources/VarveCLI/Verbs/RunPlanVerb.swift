import ArgumentParser
import Glibc
import Varve
import VarveCampaign

struct RunPlanVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the cells of a plan that are still to be run, some at a time.",
        discussion: """
            Each cell gets a run with its params, what the command printed, and its exit status. The command finds \
            VARVE_REPO, VARVE_RUN_ID, VARVE_CAMPAIGN_ID, VARVE_CELL and VARVE_PARAMS (JSON) in its environment: what it \
            logs with Varve goes into that run. After a kill, run it again: it goes on with what isn't done. Several that run \
            at once, on machines that see one repository, share the plan: no cell is begun twice, and who has nothing left \
            to begin takes over what those left who have died.

            Examples:
              varve campaign run --workers 4
              varve campaign run --share 1/3 -- ./train --seed {seed}
            """)

    @Option(help: ArgumentHelp("Commands at a time.", valueName: "n"))
    var workers = 1

    @Option(
        help: ArgumentHelp(
            "Only each N-th cell, from the I-th on: for machines with repositories of their own.", valueName: "i/n"))
    var share: ShareOption?

    @Option(help: ArgumentHelp("How often a cell that fails is begun again.", valueName: "n"))
    var retries = 0

    @Option(help: ArgumentHelp("Run cells again whose run has logged nothing for so long.", valueName: "time"))
    var stalledAfter: DurationOption?

    @Flag(help: "Stay until what others run is over, to take it over when they die.")
    var wait = false

    @Flag(help: "Print the cells that would be run.")
    var dryRun = false

    @OptionGroup var choice: CampaignChoice

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command (default: the plan's), with axes in braces.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers must be 1 to 1024") }
        guard retries >= 0 else { throw ValidationError("--retries must not be negative") }
    }

    func run() throws {
        if dryRun {
            let status = try choice.status(stalledAfter: stalledAfter)
            return try CampaignListing(status: status, now: wallTime()).writeCells(
                status.open, to: OutputStream(), nil)
        }
        let (repository, plan) = try choice.open()
        // Each cell is a run of its own, also where this process belongs to a run.
        unsetenv("VARVE_RUN_ID")
        var options = CampaignRunner.Options()
        options.workers = workers
        options.command = command
        if let share { options.share = (share.number, share.of) }
        options.retries = retries
        options.stalledAfter = stalledAfter?.seconds
        options.waitsForOthers = wait
        let signals = SignalPipe()
        options.stopDescriptor = signals?.readEnd
        var runner = try CampaignRunner(plan, in: repository, options)
        let outcome = try runner.run { event in
            switch event {
            case .began: break
            case .ended(let cell, let exit, let over, let count, let left):
                let values = zip(plan.axes, cell.values).map { "\($0.name)=\($1.plainText)" }.joined(separator: " ")
                let time = over < count ? ", time to completion \(HumanText.duration(seconds: left))" : ""
                printNote("run \(over)/\(count) \(exit.isSuccess ? "done" : "\(exit)"): \(values)\(time)")
            case .waits(let count): printNote("waiting for \(HumanText.plural(count, "cell")) that others run")
            }
        }
        if outcome.wasStopped {
            throw Refusal(
                "stopped; the same command goes on with what isn't done", code: 128 + (signals?.signalNumber ?? SIGTERM)
            )
        }
        if outcome.planned == 0 { printNote("note: no cell is to be run") }
        if outcome.elsewhere > 0 {
            printNote(
                "note: \(HumanText.plural(outcome.elsewhere, "cell")) begun by others; varve campaign status tells more"
            )
        }
        if outcome.failed > 0 {
            throw Refusal("\(HumanText.plural(outcome.failed, "cell")) failed; varve campaign missing lists them")
        }
    }
}

/// The text of a plan.
enum PlanText {
    static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw VarveError(
                errno == ENOENT ? .notFound : .system, "can't read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try text(descriptor, path)
    }

    static func standardInput() throws -> String { try text(0, "standard input") }

    private static func text(_ descriptor: Int32, _ name: String) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw VarveError(.system, "can't read \(name): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
            guard bytes.count <= 16 << 20 else { throw VarveError(.limit, "\(name) is too long for a plan") }
        }
    }
}
