import Glibc
import Varve
import VarveImport

/// `varve import --follow`: passes over the sources until SIGINT or SIGTERM, a line for each that brought something.
struct ImportFollowing {
    let path: String
    let format: ImportFormat?
    let options: ImportOptions
    let common: CommonOptions

    func run() throws {
        let repository = try common.openOrCreate()
        let signals = SignalPipe()
        let follower = ImportFollower(repository, path, format, options: options, clock: monotonicTime)
        let output = OutputStream()
        var told: Set<String> = []
        printNote("following \(HumanText.harmless(path)) until interrupted")
        while true {
            let report = try follower.pass()
            if let news = ImportSummary.news(report) {
                let time = String(TimeText.text(wallTime()).dropFirst(11).prefix(8))
                try output.line("\(output.terminal.styled(time, .dim))  \(news)")
                try output.flush()
            }
            // A file that ends inside a record does so at every pass; a warning once is enough.
            for problem in report.problems where told.insert("\(problem)").inserted && told.count < 1_000 {
                printError("warning: \(HumanText.harmless("\(problem)"))")
            }
            for source in report.unreadable where told.insert(source.format + source.path).inserted {
                printError("warning: left out: \(HumanText.harmless("\(source)"))")
            }
            for run in report.refused where told.insert(run).inserted {
                printError("warning: left as it is: \(HumanText.harmless(run)); --replace-changed imports it anew")
            }
            guard let signals else {
                usleep(UInt32(follower.pause * 1e6))
                continue
            }
            var poller = pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0)
            _ = poll(&poller, 1, Int32(follower.pause * 1e3))
            if signals.signalNumber != nil { return try follower.end() }
        }
    }
}
