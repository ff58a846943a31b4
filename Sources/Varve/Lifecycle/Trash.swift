import VarveFiles
import VarveFormat

/// The folders of `trash/`: one for each second in which something was removed.
struct Trash {
    /// A file that was removed.
    struct File: Hashable {
        var folder: String
        var name: LogName
        var bytes: Int

        var path: String { Paths.join(folder, "\(name)") }
    }

    /// A folder, by the second of its name.
    struct Folder {
        var path: String
        /// Nanoseconds since 1970.
        var removed: Int64
        var files: [File]
    }

    /// Oldest first. What has another name than Varve gives isn't Varve's.
    private(set) var folders: [Folder] = []

    init(_ paths: RepositoryPaths, _ fileSystem: any FileSystem) throws(VarveError) {
        do throws(FileError) {
            guard !paths.isBare, try fileSystem.status(paths.trash)?.kind == .directory else { return }
            for name in try fileSystem.list(paths.trash) {
                let path = Paths.join(paths.trash, name)
                guard let second = Int64(name), second >= 0, "\(second)" == name, second < Int64.max / 1_000_000_000,
                    try fileSystem.status(path)?.kind == .directory
                else { continue }
                var files: [File] = []
                for text in try fileSystem.list(path).sorted() {
                    guard let file = LogName(text), file.run != nil else { continue }
                    let size = try fileSystem.status(Paths.join(path, text))?.size ?? 0
                    files.append(File(folder: path, name: file, bytes: size))
                }
                folders.append(Folder(path: path, removed: second * 1_000_000_000, files: files))
            }
        } catch {
            throw VarveError(error)
        }
        folders.sort { $0.removed < $1.removed }
    }
}

extension Repository {
    /// The runs in the trash, each once, those that were removed last first.
    ///
    /// A run's files may stand in several folders: its removal was interrupted, or it was removed, brought back and removed again. It
    /// counts with what restoring it would bring back.
    ///
    /// - Throws: `system` if the trash can't be read.
    public func trashedRuns() throws(VarveError) -> [TrashedRun] {
        var found: [UniqueID: TrashedRun] = [:]
        var order: [UniqueID] = []
        var seen: Set<LogName> = []
        for folder in try Trash(paths, environment.fileSystem).folders.reversed() {
            for file in folder.files {
                guard let run = file.name.run, seen.insert(file.name).inserted else { continue }
                if found[run] == nil {
                    order.append(run)
                    found[run] = TrashedRun(id: RunID(run), name: "", removed: folder.removed)
                }
                found[run]?.files += 1
                found[run]?.bytes += file.bytes
            }
            let content = try SnapshotContent(
                environment, RepositoryPaths(root: folder.path, isBare: true), repository: .zero, usesIndex: false)
            for run in Set(folder.files.compactMap(\.name.run)) where found[run]?.name.isEmpty == true {
                if case .string(let name)? = content.properties(of: run)["name"] { found[run]?.name = name }
            }
        }
        return order.compactMap { found[$0] }
    }

    /// Moves runs back from the trash. Repeating an interrupted restoration finishes it.
    ///
    /// A run may have been removed, copied back from elsewhere and removed again: then what was removed last counts, and what differs
    /// from it stays in the trash.
    ///
    /// - Throws: `notFound` if one of them isn't in the trash; `exists` if another file has the name of one of theirs. Then nothing
    ///   is moved.
    public func restore(_ runs: [RunID]) throws(VarveError) -> RestorationReport {
        let fileSystem = environment.fileSystem
        let wanted = Set(runs.map(\.id))
        var files: [Trash.File] = []
        var older: [(file: Trash.File, newest: Trash.File)] = []
        var newest: [LogName: Trash.File] = [:]
        for file in try Trash(paths, fileSystem).folders.reversed().flatMap(\.files) {
            guard let run = file.name.run, wanted.contains(run) else { continue }
            if let known = newest[file.name] {
                older.append((file, known))
            } else {
                newest[file.name] = file
                files.append(file)
            }
        }
        for run in runs where !files.contains(where: { $0.name.run == run.id }) {
            throw VarveError(
                .notFound, "run \(run) isn't in the trash", file: paths.trash,
                remedy: "`varve restore` without a run lists what is")
        }
        for file in files { try demandFree(file) }
        // Interrupted, a later attempt is there rather than what it took back.
        files.sort { ($0.name.n ?? 0) > ($1.name.n ?? 0) }
        var report = RestorationReport()
        do throws(FileError) {
            for file in files {
                // Never a rename: that would replace what another process has just made there.
                do throws(FileError) { try fileSystem.link(file.path, paths.log(file.name)) } catch
                    where error.code == .exists
                {
                    // Proved above to be the same.
                }
                report.files += 1
                report.bytes += file.bytes
            }
            // Before the old names go: a power failure must find one of the two.
            try fileSystem.syncDirectory(paths.logs)
            // The newest last: an interrupted restoration is known by them.
            for (file, newest) in older where try hasSameBytes(file, newest) { try fileSystem.unlink(file.path) }
            for file in files { try fileSystem.unlink(file.path) }
            for folder in Set((files + older.map(\.file)).map(\.folder)) {
                try fileSystem.syncDirectory(folder)
                do throws(FileError) { try fileSystem.removeDirectory(folder) } catch {
                    // Others are in it.
                }
            }
        } catch {
            throw VarveError(error)
        }
        report.restored = runs
        return report
    }

    private func hasSameBytes(_ a: Trash.File, _ b: Trash.File) throws(FileError) -> Bool {
        guard a.bytes == b.bytes else { return false }
        let first = try environment.fileSystem.open(a.path, .read)
        defer { first.close() }
        let second = try environment.fileSystem.open(b.path, .read)
        defer { second.close() }
        return try first.hasSameBytes(0..<a.bytes, as: second, at: 0)
    }

    /// The name of a file in the trash is free in `logs/`, or is that of the same file: a restoration was interrupted.
    private func demandFree(_ file: Trash.File) throws(VarveError) {
        let fileSystem = environment.fileSystem
        let (old, new) = (file.path, paths.log(file.name))
        let (mine, other) = try filesystem { () throws(FileError) in
            (try fileSystem.status(old), try fileSystem.status(new))
        }
        guard let other else { return }
        guard mine?.inode == other.inode, mine?.device == other.device else {
            throw VarveError(
                .exists, "another file has the name of one in the trash", file: new,
                remedy: "move one of the two away")
        }
    }
}
