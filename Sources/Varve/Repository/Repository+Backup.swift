import VarveFiles
import VarveFormat

/// What a backup copied.
public struct BackupReport: Hashable, Sendable {
    /// Files.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
    /// Nothing was copied.
    public init() {}
}

extension Repository {
    /// Copies the repository into an empty or new directory, while it is written to: the copy has everything that was logged
    /// before the call, once.
    ///
    /// Of each writer the journal is copied before its log: what is drained in between is in the log then. A journal that is
    /// gone when its turn comes was closed, or sealed into a file that the next listing shows: so `logs/` is listed again until
    /// that brings nothing. `varve.json` comes last: before that the copy isn't taken for a repository. The trash isn't copied.
    ///
    /// - Throws: `exists` if there is something in `destination`; `noRoom` or `system` if a file can't be read or written: then
    ///   what was copied stays, without `varve.json`, and another backup to the same place begins anew, as after a kill.
    public func backup(
        to destination: String, progress: (Progress) -> Void = { _ in }
    ) throws(VarveError) -> BackupReport {
        var backup = try Backup(self, to: destination)
        return try backup.run(progress)
    }
}

/// A backup under way.
private struct Backup {
    private let source: RepositoryPaths
    private let target: RepositoryPaths
    private let fileSystem: any FileSystem
    private let total: Int?
    private var report = BackupReport()
    private static let block = 1 << 20
    /// The mark of a copy that is under way, which becomes its `varve.json`. Who finds one gives it a name of their own before they
    /// throw away what is beside it: then the copy that it was of can't become whole any more.
    private let mark: String
    private static let markEnd = ".unfinished"
    /// Each listing of `logs/` that brings something is followed by another, so many times.
    private static let listings = 8

    init(_ repository: Repository, to destination: String) throws(VarveError) {
        fileSystem = repository.environment.fileSystem
        source = repository.paths
        target = RepositoryPaths(root: destination, isBare: repository.paths.isBare)
        total = (try? repository.diskUse()).map { $0.logs + $0.journals + $0.index + $0.artifacts }
        let description = Paths.lastComponent(target.description)
        mark = "\(target.description).\(repository.environment.host.newID())\(Self.markEnd)"
        let (fileSystem, mark) = (fileSystem, mark)
        let isFree = try filesystem { () throws(FileError) in
            try fileSystem.makeDirectory(destination)
            let names = try fileSystem.list(destination)
            if names.isEmpty {
                try fileSystem.open(mark, .createNew).close()
            } else {
                let found = names.first { $0.hasPrefix(description + ".") && $0.hasSuffix(Self.markEnd) }
                guard let found, !names.contains(description) else { return false }
                try fileSystem.rename(Paths.join(destination, found), mark)
                for name in names where name != found { try fileSystem.removeTree(Paths.join(destination, name)) }
            }
            try fileSystem.syncDirectory(destination)
            return true
        }
        guard isFree else {
            throw VarveError(
                .exists, "the directory isn't empty", file: destination, remedy: "name one that is new, or empty")
        }
    }

    mutating func run(_ progress: (Progress) -> Void) throws(VarveError) -> BackupReport {
        do throws(FileError) {
            for directory in [target.logs, target.index, target.artifacts] where !target.isBare {
                try fileSystem.makeDirectory(directory)
            }
            // The index first: what it covers is then in the logs that are copied after it.
            if !source.isBare { try index(progress) }
            try logs(progress)
            if !source.isBare {
                try artifacts(progress)
                try plans(progress)
                for directory in [target.logs, target.index, target.artifacts] {
                    try fileSystem.syncDirectory(directory)
                }
                _ = try copy(source.description, mark, progress, mode: .update)
                try fileSystem.rename(mark, target.description)
            } else {
                try fileSystem.unlink(mark)
            }
            try fileSystem.syncDirectory(target.root)
            try fileSystem.syncDirectory(Paths.parent(target.root))
        } catch {
            throw VarveError(error)
        }
        return report
    }

    private mutating func logs(_ progress: (Progress) -> Void) throws(FileError) {
        var done: Set<String> = []
        var runs: Set<UniqueID>?
        for _ in 0..<Self.listings {
            let names = try fileSystem.list(source.logs).filter { name in
                guard !done.contains(name), let known = LogName(name) else { return false }
                if case .spare = known { return false }
                // Runs that began after us are the next backup's.
                guard let runs, let run = known.run else { return true }
                return runs.contains(run)
            }.sorted()
            guard !names.isEmpty else { return }
            if runs == nil { runs = Set(names.compactMap { LogName($0)?.run }) }
            for name in names {
                done.insert(name)
                _ = try copy(Paths.join(source.logs, name), Paths.join(target.logs, name), progress)
            }
        }
    }

    /// The newest manifest and what it names. One that a compactor replaces and sweeps meanwhile is given up for the next;
    /// without any, everything is read from the logs.
    private mutating func index(_ progress: (Progress) -> Void) throws(FileError) {
        for _ in 0..<3 {
            let numbers: [UInt64]
            do throws(FileError) {
                numbers = try fileSystem.list(source.index).compactMap(Manifest.number(of:)).sorted(by: >)
            } catch  where error.code == .notFound { return }
            for number in numbers {
                let name = Manifest.fileName(number)
                guard let read = try? IndexSnapshot.readManifest(fileSystem, Paths.join(source.index, name)) else {
                    continue
                }
                var isWhole = true
                for entry in read.segments {
                    let copy = Paths.join(target.index, entry.fileName)
                    if try fileSystem.status(copy) != nil { continue }
                    isWhole = try self.copy(Paths.join(source.index, entry.fileName), copy, progress) && isWhole
                }
                guard isWhole else { break }
                let file = try fileSystem.open(Paths.join(target.index, name), .createNew)
                defer { file.close() }
                try file.write(read.bytes(), at: 0)
                try file.sync()
                return
            }
            if numbers.isEmpty { return }
        }
    }

    private mutating func artifacts(_ progress: (Progress) -> Void) throws(FileError) {
        var folder = ""
        try source.forEachArtifact(fileSystem) { name, path throws(FileError) in
            let to = Paths.join(target.artifacts, Paths.lastComponent(Paths.parent(path)))
            if to != folder {
                try fileSystem.makeDirectory(to)
                if !folder.isEmpty { try fileSystem.syncDirectory(folder) }
                folder = to
            }
            _ = try copy(path, Paths.join(to, name), progress)
        }
        if !folder.isEmpty { try fileSystem.syncDirectory(folder) }
    }

    /// The plans of campaigns.
    private mutating func plans(_ progress: (Progress) -> Void) throws(FileError) {
        let (from, to) = (Paths.join(source.root, "campaigns"), Paths.join(target.root, "campaigns"))
        guard try fileSystem.status(from)?.kind == .directory else { return }
        try fileSystem.makeDirectory(to)
        for name in try fileSystem.list(from).sorted() where name.hasSuffix(".json") {
            _ = try copy(Paths.join(from, name), Paths.join(to, name), progress)
        }
        try fileSystem.syncDirectory(to)
    }

    /// Copies a file as far as it goes now; false if it is gone.
    private mutating func copy(
        _ from: String, _ to: String, _ progress: (Progress) -> Void, mode: OpenMode = .createNew
    ) throws(FileError) -> Bool {
        let input: any OpenFile
        do throws(FileError) { input = try fileSystem.open(from, .read) } catch  where error.code == .notFound {
            return false
        }
        defer { input.close() }
        let output = try fileSystem.open(to, mode)
        defer { output.close() }
        var offset = 0
        while true {
            let bytes = try input.read(upTo: Self.block, at: offset)
            if bytes.isEmpty { break }
            try output.write(bytes, at: offset)
            offset += bytes.count
            report.bytes += bytes.count
            progress(Progress(unit: "bytes", done: report.bytes, total: total.map { max($0, report.bytes) }))
            if bytes.count < Self.block { break }
        }
        try output.sync()
        report.files += 1
        return true
    }
}
