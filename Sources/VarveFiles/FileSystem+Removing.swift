extension FileSystem {
    /// Removes a file, or a directory with all that is in it; follows no link. What can't be removed stays, and the first reason is
    /// thrown once all else is gone.
    package func removeTree(_ path: String) throws(FileError) {
        guard let status = try status(path) else { return }
        guard status.kind == .directory else { return try unlink(path) }
        var failure: FileError?
        for name in try list(path) {
            do throws(FileError) { try removeTree(Paths.join(path, name)) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        try removeDirectory(path)
    }
}
