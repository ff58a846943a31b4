import ArgumentParser
import Varve

/// The demo's training that is going to be killed, in a process of its own: after each epoch it tells on standard output how
/// many points `log` has returned from.
struct DemoTraining: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "demo-training", shouldDisplay: false)

    @Argument var directory: String
    @Argument var rate: Double
    @Argument var seed: UInt64
    @Argument var epochs: Int

    func run() throws {
        let repository = try Repository.open(directory)
        let trainer = DemoTrainer(rate: rate, seed: seed, epochs: epochs)
        let run = try repository.startRun(name: trainer.name, params: trainer.params, tags: ["victim"])
        let output = OutputStream()
        try output.line(run.id.description)
        try output.flush()
        _ = try trainer.train(run) { points in
            try output.line("\(points)")
            try output.flush()
        }
        try run.finish()
    }
}
