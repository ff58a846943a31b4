import VarveFiles
import VarveFormat

/// What the listing of `logs/` says of a run's files.
enum RunFiles {
    /// The first number that no file of the run has.
    ///
    /// - Throws: `beyondCap` if there is none.
    static func nextNumber(of run: UniqueID, in names: [String]) throws(FileError) -> UInt32 {
        let prefix = "\(run)."
        var highest: UInt32 = 0
        for name in names where name.hasPrefix(prefix) {
            if let n = LogName(name)?.n { highest = max(highest, n) }
        }
        guard highest < .max else { throw FileError("name", "\(prefix)vlog", .beyondCap) }
        return highest + 1
    }

    /// All names in `logs/`, and those in the trash, whose numbers are taken too.
    static func allNames(_ paths: RepositoryPaths, _ fileSystem: any FileSystem) throws(VarveError) -> [String] {
        do throws(FileError) {
            var names = try fileSystem.list(paths.logs)
            if try fileSystem.status(paths.trash) != nil {
                for folder in try fileSystem.list(paths.trash) {
                    let path = Paths.join(paths.trash, folder)
                    if try fileSystem.status(path)?.kind == .directory { names += try fileSystem.list(path) }
                }
            }
            return names
        } catch {
            throw VarveError(error)
        }
    }
}
