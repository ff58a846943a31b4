import ArgumentParser
import Varve
import VarveBenchmarks

/// Writes columns as files for Benchmarks/peers/codec_compare.py.
struct ColumnsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "columns", abstract: "Write columns as files, and what Varve makes of each.", shouldDisplay: false)

    @Argument(help: "A new directory.")
    var directory: String

    @Option(name: .long, help: "Also the series of a repository, as NAME=PATH; may be given several times.")
    var repository: [String] = []

    func run() throws {
        var export = try ColumnExport(to: directory)
        try export.addSamples()
        for pair in repository {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("\(pair) isn't NAME=PATH.") }
            try export.add(repository: parts[1], name: parts[0])
        }
        try export.finish()
    }
}
