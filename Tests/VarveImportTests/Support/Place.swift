import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// A directory of logs and a repository beside it.
struct Place {
    let directory: String
    let repository: Repository
    var logs: String { Paths.join(directory, "logs") }

    init(_ directory: String) throws {
        self.directory = directory
        repository = try Repository.create(at: Paths.join(directory, "r"))
        try RealFileSystem().makeDirectory(Paths.join(directory, "logs"))
    }

    /// Calls `body` with a new place, which is gone afterwards.
    static func with<Result>(_ body: (Place) throws -> Result) throws -> Result {
        try withTemporaryDirectory(in: DataSet.memory) { directory in try body(try Place(directory)) }
    }

    /// Writes a file, in the place of one of this name.
    func write(_ path: String, _ bytes: [UInt8]) throws {
        let fileSystem = RealFileSystem()
        var parent = logs
        for part in path.split(separator: "/").dropLast() {
            parent = Paths.join(parent, String(part))
            try fileSystem.makeDirectory(parent)
        }
        let full = Paths.join(logs, path)
        try fileSystem.unlink(full)
        let file = try fileSystem.open(full, .createNew)
        try file.write(bytes, at: 0)
        file.close()
    }

    /// Writes a file's bytes, into the file of this name if there is one: to its reader it grew.
    func append(_ path: String, _ bytes: [UInt8]) throws {
        let fileSystem = RealFileSystem()
        let full = Paths.join(logs, path)
        guard try fileSystem.status(full) != nil else { return try write(path, bytes) }
        let file = try fileSystem.open(full, .update)
        try file.write(bytes, at: 0)
        file.close()
    }

    func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    /// The names of the repository's log files.
    func files() throws -> [String] {
        try RealFileSystem().list(Paths.join(repository.path, "logs")).filter { $0.hasSuffix(".vlog") }
    }

    /// Imports what is of one format, or whatever is found.
    func load(
        _ format: ImportFormat?, _ path: String? = nil, _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> ImportReport {
        var options = ImportOptions()
        change(&options)
        return try repository.importLogs(ImportSearch(path ?? logs, format, options: options))
    }

    /// `run metric: step=value …` for every series.
    func shown() throws -> [String] {
        let snapshot = try repository.snapshot()
        let names = Dictionary(uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0.name) })
        var found: [String: String] = [:]
        let reader = try snapshot.series(Query())
        while let chunk = try reader.next() {
            let key = "\(names[chunk.run] ?? "?") \(chunk.metric):"
            for index in 0..<chunk.count {
                found[key, default: ""] += " \(chunk.steps[index])=\(chunk.values[index])"
            }
        }
        return found.map { $0.key + $0.value }.sorted()
    }
}
