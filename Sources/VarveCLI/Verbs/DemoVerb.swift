import ArgumentParser
import Varve

struct DemoVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show what Varve does: train, kill, compact, read back.",
        discussion: """
            Trains small networks and logs them, kills one training with SIGKILL, and reads every curve back. It takes some \
            seconds; the directory is made anew each time.
            """)

    @Argument(help: "Where the demo's repository goes.")
    var directory = "demo.varve"

    func run() throws {
        let tale = DemoTale(OutputStream(), directory: directory)
        let repository = try DemoDirectory.make(directory)
        try tale.train(repository)
        let victim = try tale.kill(repository)
        try tale.compareReadings(repository, victim: victim)
        try tale.plot(repository)
        try tale.close(repository)
    }
}
