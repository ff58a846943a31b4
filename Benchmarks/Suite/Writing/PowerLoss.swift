import Varve
import VarveFiles

/// The part of `kill` in which the power fails: at a system call that chance chooses, in the simulated file system, which forgets what
/// wasn't synced page by page, as chance has it. What the writer was told is durable is compared with what the next boot reads.
enum PowerLoss {
    private static let metrics = ["loss", "accuracy"]
    private static let path = "/repository"
    private static let rounds = 24
    private static let stepsARound = 40

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let cuts = context.size.count(300, atLeast: 5)
        let rehearsal = SimulatedFileSystem(seed: 0)
        var whole = Progress()
        try live(rehearsal, SimulatedHost(seed: 0), &whole)
        guard whole.durable == rounds * stepsARound else {
            throw WrongResult(description: "kill: \(whole.durable) steps are durable without a failure")
        }
        var random = SplitMix64(seed: 12)
        var damage = PointDamage()
        var read = 0
        for cut in 0..<UInt64(cuts) {
            let machine = SimulatedMachine(seed: cut)
            let files = SimulatedFileSystem(seed: cut)
            files.kill(atCall: random.number(1, rehearsal.callCount), tearing: .byte)
            var progress = Progress()
            // Ends with an error, unless the last call came before the failure.
            try? live(files, SimulatedHost(machine), &progress)
            machine.reboot()
            read += try compare(
                Environment(
                    fileSystem: files.afterPowerLoss(seed: cut), host: SimulatedHost(machine), hasThreads: false),
                progress, &damage)
        }
        guard read > 0 else { throw WrongResult(description: "kill: nothing was there after any power failure") }
        return damage.measurements("at power loss, simulated", deaths: cuts, points: read)
    }

    /// How far a writer came.
    private struct Progress {
        var run: RunID?
        /// The steps below it were logged; those below `durable` before a flush that has returned.
        var logged = 0
        var durable = 0
    }

    private static func value(_ step: Int) -> Double { Double(step) / 7 }

    private static func live(
        _ files: SimulatedFileSystem, _ host: SimulatedHost, _ progress: inout Progress
    ) throws {
        let environment = Environment(fileSystem: files, host: host, hasThreads: false)
        let run = try Repository.create(at: path, name: "", environment).startRun(name: "run")
        progress.run = run.id
        let series = try metrics.map { try run.series($0) }
        for _ in 0..<rounds {
            for step in progress.logged..<progress.logged + stepsARound {
                progress.logged = step + 1
                for one in series { one.log(value(step), step: step, time: Int64(step)) }
            }
            host.machine.advance(1_000_000_000)
            try run.flush()
            progress.durable = progress.logged
        }
        try run.finish()
    }

    /// Returns the number of points that are there.
    private static func compare(
        _ environment: Environment, _ progress: Progress, _ damage: inout PointDamage
    ) throws -> Int {
        // Before the first flush there may be no repository, or one without the run.
        guard let run = progress.run, let repository = try? Repository.open(path, environment) else {
            for _ in metrics { damage.loseAll(told: progress.durable) }
            return 0
        }
        let snapshot = try repository.snapshot()
        return try metrics.reduce(0) { read, metric in
            try read
                + damage.compare(
                    snapshot, run, metric, told: progress.durable, attempted: progress.logged, Self.value)
        }
    }
}
