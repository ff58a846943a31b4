import Glibc
import Varve
import VarveFiles

/// `kill`: a process that logs from several threads is ended by SIGKILL, again and again, and what it had been told is
/// logged is compared with what is there.
enum Kill {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let kills = context.size.count(100, atLeast: 3)
        let repository = try context.newRepository("kill")
        var random = SplitMix64(seed: 11)
        var damage = PointDamage()
        var logged = 0
        for _ in 0..<kills {
            let acknowledged = try Acknowledgements(context.newPath("acknowledged"))
            let run = RunID(RealHost().newID())
            try end(run, of: repository, acknowledged, after: random.number(0, 15_000), context)
            let snapshot = try repository.snapshot(of: run)
            for (thread, writer) in KilledWriter.allCases.enumerated() {
                let told = acknowledged[thread]
                // What was being logged when the process died may be there, and may not.
                logged += try damage.compare(
                    snapshot, run, writer.rawValue, told: told, attempted: told + writer.atOnce, writer.value)
            }
        }
        guard logged > 0 else { throw WrongResult(description: "kill: nothing was logged") }
        return damage.measurements("at SIGKILL, four threads", deaths: kills, points: logged)
            + (try PowerLoss.run(context))
    }

    /// Has a run written, for some microseconds, and its writer killed.
    private static func end(
        _ run: RunID, of repository: Repository, _ acknowledged: Acknowledgements, after pause: Int,
        _ context: BenchContext
    ) throws {
        guard let executable = context.executable else {
            // No program to start: the writer leaves its run open, which is all that its death would leave too.
            return try KilledWriter.logAll(run, of: repository, acknowledged, points: 1_000)
        }
        let child = try ChildProgram(
            executable, ["log-until-killed", repository.path, "\(run)", acknowledged.path])
        let deadline = Stopwatch.now() + 10e9
        while acknowledged[0] == 0, Stopwatch.now() < deadline { usleep(500) }
        usleep(UInt32(pause))
        child.kill()
    }
}
