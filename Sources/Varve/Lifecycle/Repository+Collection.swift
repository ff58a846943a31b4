import VarveFiles
import VarveFormat

/// What a collection freed.
public struct CollectionReport: Hashable, Sendable {
    /// Runs that are gone for good.
    public var runs: [RunID] = []
    /// Files unlinked from the trash.
    public var trashed = 0
    /// Artifacts that no log names any more.
    public var artifacts = 0
    /// Files that an interrupted process has left.
    public var leftovers = 0
    /// Bytes of all of them.
    public var bytes = 0
    /// Logs that could not be read whole: what they name isn't known, and no artifact was removed.
    public var problems: [VarveError] = []
    /// Nothing was freed.
    public init() {}
}

extension Repository {
    /// Unlinks what was removed a while ago, artifacts that no log names, and what interrupted processes have left.
    ///
    /// An artifact, and a temporary file, goes only once it is 24 hours old: its log may be about to be written. What runs in the
    /// index took is freed by merges (``compact(_:)``).
    /// - Parameters:
    ///   - age: how long ago it was removed, in nanoseconds; 0: everything in the trash.
    ///   - dryRun: only counts.
    /// - Throws: `system`; what is gone by then is gone.
    public func collect(
        olderThan age: Int64, dryRun: Bool = false, progress: (Progress) -> Void = { _ in }
    ) throws(VarveError) -> CollectionReport {
        var report = CollectionReport()
        let now = environment.host.wallTime()
        let trash = try Trash(paths, environment.fileSystem)
        let isOld = { (folder: Trash.Folder) in now - folder.removed >= age }
        // Artifacts first: an interruption leaves logs that name what is gone, but only in the trash, and old.
        try collectArtifacts(kept: trash.folders.filter { !isOld($0) }, dryRun, now, &report, progress)
        for folder in trash.folders where isOld(folder) { try empty(folder, dryRun, &report) }
        try collectLeftovers(dryRun, now, &report)
        return report
    }

    private static var day: Int64 { 86_400_000_000_000 }

    private func empty(_ folder: Trash.Folder, _ dryRun: Bool, _ report: inout CollectionReport) throws(VarveError) {
        let fileSystem = environment.fileSystem
        report.runs += Set(folder.files.compactMap { $0.name.run }).sorted().map { RunID($0) }
        report.trashed += folder.files.count
        report.bytes += folder.files.reduce(0) { $0 + $1.bytes }
        guard !dryRun else { return }
        do throws(FileError) {
            for file in folder.files { try fileSystem.unlink(Paths.join(folder.path, "\(file.name)")) }
            do throws(FileError) { try fileSystem.removeDirectory(folder.path) } catch  where error.code == .notEmpty {
                // Somebody put something else there.
            }
            try fileSystem.syncDirectory(paths.trash)
        } catch {
            throw VarveError(error)
        }
    }

    private func collectArtifacts(
        kept: [Trash.Folder], _ dryRun: Bool, _ now: Int64, _ report: inout CollectionReport,
        _ progress: (Progress) -> Void
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        var old: [(path: String, name: String, status: FileStatus)] = []
        do throws(FileError) {
            guard !paths.isBare, try fileSystem.status(paths.artifacts)?.kind == .directory else { return }
            for folder in try fileSystem.list(paths.artifacts).sorted() where folder.utf8.count == 2 {
                let directory = Paths.join(paths.artifacts, folder)
                guard try fileSystem.status(directory)?.kind == .directory else { continue }
                for name in try fileSystem.list(directory).sorted() where name.utf8.count == 64 {
                    let path = Paths.join(directory, name)
                    guard let status = try fileSystem.status(path), status.kind == .file,
                        now - status.modified > Self.day
                    else { continue }
                    old.append((path, name, status))
                }
            }
        } catch {
            throw VarveError(error)
        }
        guard !old.isEmpty else { return }
        let directories = [paths.logs] + kept.map(\.path)
        var ledger = ArtifactLedger()
        for (number, directory) in directories.enumerated() {
            try addArtifacts(namedIn: directory, to: &ledger, &report)
            progress(Progress(unit: "folders", done: number + 1, total: directories.count))
        }
        guard report.problems.isEmpty else { return }
        let named = ledger.contents
        for artifact in old where !named.contains(artifact.name) {
            let isGone = try filesystem { () throws(FileError) -> Bool in
                // Logged again meanwhile.
                guard try fileSystem.status(artifact.path)?.modified == artifact.status.modified else { return false }
                if !dryRun { try fileSystem.unlink(artifact.path) }
                return true
            }
            guard isGone else { continue }
            report.artifacts += 1
            report.bytes += artifact.status.size
        }
    }

    /// Adds the contents that the logs of a folder name.
    private func addArtifacts(
        namedIn directory: String, to ledger: inout ArtifactLedger, _ report: inout CollectionReport
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        let zstd = Zstd()
        for text in try filesystem({ () throws(FileError) in try fileSystem.list(directory) }).sorted() {
            guard let name = LogName(text), text.hasSuffix(".vlog") else { continue }
            do throws(VarveError) {
                let file: any OpenFile
                do throws(FileError) { file = try fileSystem.open(Paths.join(directory, text), .read) } catch {
                    throw VarveError(error)
                }
                defer { file.close() }
                let reader = LogFileReader(file, zstd: zstd)
                for section in try LogScanner.scan(file, name: name, zstd: zstd) {
                    report.problems += section.problems.map { VarveError($0) }
                    try ledger.add(section, reader)
                }
            } catch {
                report.problems.append(error)
            }
        }
    }

    /// Temporary files of processes that were killed before they could publish or remove them.
    private func collectLeftovers(
        _ dryRun: Bool, _ now: Int64, _ report: inout CollectionReport
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        do throws(FileError) {
            for directory in paths.isBare ? [] : [paths.logs, paths.artifacts] {
                guard try fileSystem.status(directory)?.kind == .directory else { continue }
                for name in try fileSystem.list(directory) where name.hasPrefix(".") {
                    let path = Paths.join(directory, name)
                    guard let status = try fileSystem.status(path), status.kind == .file,
                        now - status.modified > Self.day
                    else { continue }
                    report.leftovers += 1
                    report.bytes += status.size
                    if !dryRun { try fileSystem.unlink(path) }
                }
            }
        } catch {
            throw VarveError(error)
        }
    }
}
