import VarveFiles
import VarveFormat

extension Sequence<LogPart> {
    /// Files that are published at once: each waits for the disk, which writes together what waits together.
    private static var threads: Int { 8 }

    /// Publishes these parts of a repository as files of their own in a folder. When this returns, also by an error, those that were
    /// published are there for good.
    ///
    /// - Returns: for each whether its name was free.
    /// - Throws: `system` or `noRoom` if one of them can't be copied; the others were.
    func publish(
        from source: Repository, to folder: String, _ environment: Environment
    ) throws(VarveError) -> [Bool] {
        let fileSystem = environment.fileSystem
        let outcomes: [Result<Bool, FileError>] = ParallelWork.map(
            Array(self), threads: environment.hasThreads ? Self.threads : 1
        ) {
            { part in
                do throws(FileError) { return .success(try part.publish(from: source, to: folder, environment)) } catch
                {
                    return .failure(error)
                }
            }
        }
        return try filesystem { () throws(FileError) in
            try fileSystem.syncDirectory(folder)
            var isOurs: [Bool] = []
            for outcome in outcomes { isOurs.append(try outcome.get()) }
            return isOurs
        }
    }
}

extension LogPart {
    /// - Returns: false if the name is taken.
    fileprivate func publish(
        from source: Repository, to folder: String, _ environment: Environment
    ) throws(FileError) -> Bool {
        let file = try source.environment.fileSystem.open(source.paths.log(place), .read)
        defer { file.close() }
        let path = Paths.join(folder, "\(name)")
        let publication = try Publication(
            environment.fileSystem, path, from: Paths.temporary(for: path, tag: environment.host.random()))
        defer { publication.abandon() }
        try file.copy(range, to: publication.file, at: 0)
        return try publication.commit(syncingDirectory: false)
    }
}
