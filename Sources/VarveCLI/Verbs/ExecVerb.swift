import ArgumentParser
import Glibc
import Varve
import VarveSystem

struct ExecVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run any command as a run: its output, exit status and code are kept with it.",
        discussion: """
            What the command prints is passed on unchanged, and kept line by line with times in the channels stdout and stderr \
            (varve logs). The run knows the command line, directory, host, user, and the git commit; what isn't committed is \
            the artifact git.diff. Of the environment only what --env names is kept.

            The command finds VARVE_REPO and VARVE_RUN_ID in its environment: what it logs with Varve goes into the same run. \
            Signals go on to it, and its exit status is that of `varve exec`; killed by a signal, 128 and its number.

            Examples:
              varve exec -- python train.py --lr 0.1
              varve exec --run baseline --param lr=0.1 --env CUDA_VISIBLE_DEVICES --packages -- ./train.sh
            """)

    @OptionGroup var description: RunDescription

    @OptionGroup var resumption: Resumption

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("An environment variable to keep with the run; may be repeated.", valueName: "name"))
    var env: [String] = []

    @Flag(help: "Keep what `pip freeze` says as the artifact packages.txt.")
    var packages = false

    @Option(help: ArgumentHelp("MiB of each of the two outputs to keep.", valueName: "mib"))
    var mostOutput = 64

    @Flag(help: "Log what the machine does meanwhile: processors, memory, disks, network, NVIDIA's cards.")
    var system = false

    @Option(help: ArgumentHelp("With --system: how often, such as 5s or 1m.", valueName: "seconds"))
    var systemEvery = DurationOption(seconds: 15)

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String]

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("say what to run: varve exec -- COMMAND …") }
        guard (0.1...1e6).contains(systemEvery.seconds) else {
            throw ValidationError("--system-every must be a tenth of a second at least")
        }
        guard (0...1_000_000).contains(mostOutput) else { throw ValidationError("--most-output must be 0 to 1000000") }
    }

    func run() throws {
        let relay = SignalRelay()
        let repository = try resumption.repository(common)
        let name = Self.name(of: command)
        let run = try resumption.start(description, in: repository, options: RunOptions(), name: name).run
        let facts = ExecFacts(command, variables: env)
        try run.set(facts.properties)
        if !facts.diff.isEmpty { keep(facts.diff, as: "git.diff", "text/x-diff", in: run) }
        if packages {
            if let list = ExecFacts.packages() {
                keep(list, as: "packages.txt", "text/plain", in: run)
            } else {
                printNote("note: there is no pip, and no packages are kept")
            }
        }
        let child: ChildCommand
        do throws(VarveError) {
            child = try ChildCommand(
                command,
                environment: [
                    "VARVE_REPO": Self.absolute(repository.path), "VARVE_RUN_ID": run.id.description,
                    "VARVE_ATTEMPT": "\(run.attempt)",
                ])
        } catch {
            try run.fail(error.message)
            throw Refusal("error: \(error.message)", code: error.code == .notFound ? 127 : 126)
        }
        let sampler = system ? sample(run, child.id) : nil
        var session = CommandSession(run, mostBytes: mostOutput << 20, relay)
        let exit = session.follow(child)
        sampler?.stop()
        try finish(run, exit, session)
    }

    /// Without it the command runs all the same.
    private func sample(_ run: Run, _ process: pid_t) -> SystemSampler? {
        do {
            return try run.sampleSystem(every: .milliseconds(Int(systemEvery.seconds * 1000)), of: process)
        } catch {
            printError("warning: the machine is not watched: \(error)")
            return nil
        }
    }

    /// The program, or the script that it runs.
    private static func name(of command: [String]) -> String {
        func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
        let program = last(command[0])
        let isInterpreter = ["python", "python3", "bash", "sh", "node", "Rscript", "julia", "perl", "ruby"].contains(
            program)
        guard isInterpreter, let script = command.dropFirst().first(where: { !$0.hasPrefix("-") || $0 == "-c" }),
            script != "-c"
        else { return program }
        return last(script)
    }

    private func finish(_ run: Run, _ exit: CommandExit, _ session: CommandSession) throws {
        if session.droppedBytes > 0 {
            printError(
                "warning: \(HumanText.bytes(session.droppedBytes)) of output are more than --most-output, and not kept")
        }
        if session.lostBytes > 0 {
            printError("warning: \(HumanText.bytes(session.lostBytes)) of output could not be kept")
        }
        do {
            var properties: [String: PropertyValue] = [:]
            switch exit {
            case .status(let status): properties["process.exit_status"] = .int(Int64(status))
            case .signal(let signal): properties["process.signal"] = .int(Int64(signal))
            }
            if session.lostBytes > 0 { properties["process.lost_output_bytes"] = .int(Int64(session.lostBytes)) }
            try run.set(properties)
            if exit == .status(0) { try run.finish() } else { try run.fail(exit.words) }
        } catch {
            // The command's own outcome counts more.
            printError("warning: \(error)")
        }
        if exit != .status(0) { throw Refusal(code: exit.code) }
    }

    /// Without it the command runs all the same.
    private func keep(_ bytes: [UInt8], as name: String, _ type: String, in run: Run) {
        let folder = Terminal.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var path = "\(folder)/varve-exec-\(String(repeating: "X", count: 6))".utf8CString.map { $0 }
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return printError("warning: \(name) is not kept: no temporary file") }
        let file = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(descriptor)
            unlink(file)
        }
        do {
            let stream = OutputStream(descriptor: descriptor, terminal: Terminal(width: nil))
            try stream.append(bytes)
            try stream.flush()
            try run.addArtifact(file, name: name, mediaType: type)
        } catch {
            printError("warning: \(name) is not kept: \(error)")
        }
    }

    /// The command may change its directory.
    private static func absolute(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}
