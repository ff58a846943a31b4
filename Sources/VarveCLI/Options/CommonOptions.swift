import ArgumentParser
import Logging
import Varve

/// What every verb takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The repository, or a folder of log files (default: VARVE_REPO, else the nearest one upwards, else .varve).",
            valueName: "dir"))
    var repo: String?

    @Flag(help: "Tell on standard error what happens.")
    var verbose = false

    @Flag(help: "Tell on standard error of errors and warnings only: no notes, no progress.")
    var quiet = false

    func validate() throws {
        if quiet { Wordiness.isQuiet = true }
        if verbose { Wordiness.isVerbose = true }
        if Wordiness.isQuiet, Wordiness.isVerbose {
            throw ValidationError("--quiet and --verbose contradict each other")
        }
    }

    func open() throws -> Repository {
        startLogging()
        let path = RepositoryLocator(option: repo).path
        do throws(VarveError) {
            return try Repository.open(path)
        } catch {
            var error = error
            if error.code == .notFound, error.remedy == nil {
                error.remedy = "varve init makes a repository here; --repo DIR names another one"
            }
            throw error
        }
    }

    func openOrCreate() throws -> Repository {
        startLogging()
        return try Repository.openOrCreate(at: RepositoryLocator(option: repo).path)
    }

    func startLogging() {
        let level: Logger.Level = Wordiness.isVerbose ? .debug : .error
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }

    /// Says what could not be read, in part or whole, without stopping.
    func warn(_ snapshot: Snapshot) {
        for problem in snapshot.problems { printError("warning: \(problem)") }
    }
}

/// What every listing takes.
struct ListOptions: ParsableArguments {
    @Option(help: "How to write the list (default: a table on a terminal, TSV in a pipe).")
    var format: ListFormat?
}
