import VarveFiles
import VarveFormat

/// The index, and the names in `logs/`: what a snapshot is made of.
///
/// No name is older than the index. A name that isn't there stands for a file that was deleted, and of what several files say
/// an index keeps the newest alone: without the name of the edit that set a property, the property would be gone.
struct IndexAndNames {
    let index: IndexSnapshot
    let names: LogListing

    /// Reads both, at once where there are many names.
    ///
    /// - Parameters:
    ///   - run: leave other runs' files out of the names.
    ///   - usesIndex: false: as if there were no index.
    init(
        _ environment: Environment, _ paths: RepositoryPaths, repository: UniqueID, only run: UniqueID?, usesIndex: Bool
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        let known = usesIndex ? try Self.knownIndex(environment, paths) : nil
        guard let known else {
            index = usesIndex ? try Self.index(fileSystem, paths, repository) : .none(directory: paths.index)
            names = try LogListing(fileSystem, paths.logs, only: run)
            return
        }
        let (index, names) = ParallelWork.both {
            Result { () throws(VarveError) in try Self.index(fileSystem, paths, repository) }
        } _: {
            Result { () throws(VarveError) in try LogListing(fileSystem, paths.logs, only: run) }
        }
        self.index = try index.get()
        // What was published after the listing began may know of files that it doesn't.
        let isOlder = self.index.manifest.map { $0.number != known } ?? false
        self.names = isOlder ? try LogListing(fileSystem, paths.logs, only: run) : try names.get()
    }

    /// The number of the newest manifest, where listing the names takes so long that a thread of its own is worth starting;
    /// otherwise nil.
    private static func knownIndex(_ environment: Environment, _ paths: RepositoryPaths) throws(VarveError) -> UInt64? {
        guard environment.decodingThreads > 1 else { return nil }
        do throws(FileError) {
            let status = try environment.fileSystem.targetStatus(paths.logs)
            guard let status, status.size >= manyNamesBytes else { return nil }
        } catch {
            throw VarveError(error)
        }
        return try IndexSnapshot.manifestNumbers(environment.fileSystem, paths.index).first
    }

    /// Of a directory: some 1,500 names on ext4, which are listed in a millisecond. A thread takes a tenth of that.
    private static let manyNamesBytes = 128 << 10

    private static func index(
        _ fileSystem: any FileSystem, _ paths: RepositoryPaths, _ repository: UniqueID
    ) throws(VarveError) -> IndexSnapshot {
        try IndexSnapshot.open(
            fileSystem, directory: paths.index, repository: repository == .zero ? nil : repository, codec: ColumnCodec()
        )
    }
}
