/// A file on its way to its final name: the only way in which Varve publishes anything, and the only place that links.
///
/// The content is written under a temporary name, synced, and linked to its final name; then the temporary name goes and
/// the directory is synced. What holds at every instant, through kills and power failures:
/// - under the final name there is nothing, or the whole content; never a part of it;
/// - a name that is taken is never replaced: of several writers one is first, and the others learn that they weren't;
/// - once ``commit(syncingDirectory:)`` has returned, whatever it returned, the name and the content behind it survive a power failure;
/// - a crash may leave the temporary name behind (even when the final one is there). It begins with a dot: readers ignore it.
package final class Publication {
    /// The file to write to, open for reading and writing.
    package let file: any OpenFile
    package let finalPath: String
    package let temporaryPath: String
    private let fileSystem: any FileSystem
    private var isOver = false

    /// Makes the temporary file; it must not exist. Both paths must be on one volume.
    package init(_ fileSystem: any FileSystem, _ finalPath: String, from temporaryPath: String) throws(FileError) {
        self.fileSystem = fileSystem
        self.finalPath = finalPath
        self.temporaryPath = temporaryPath
        file = try fileSystem.open(temporaryPath, .createNew)
    }

    deinit { abandon() }

    /// Publishes what was written. Returns false if someone else has the name; then nothing of ours is left.
    ///
    /// - Parameter syncingDirectory: false leaves that to the caller, who publishes several: until the directory is synced a power
    ///   failure may take the name, never a part of the content.
    package func commit(syncingDirectory: Bool = true) throws(FileError) -> Bool {
        precondition(!isOver, "a publication commits once")
        defer { abandon() }
        try file.sync()
        let isOurs = try linked()
        isOver = true
        file.close()
        // The content stands under its final name: that a second name can't be removed takes nothing from it.
        try? fileSystem.unlink(temporaryPath)
        // If the other one was first, its link may not be durable yet; our caller is about to rely on it.
        if syncingDirectory { try fileSystem.syncDirectory(Paths.parent(finalPath)) }
        return isOurs
    }

    /// Removes the temporary file. Nothing happens after ``commit(syncingDirectory:)``, or a second time.
    package func abandon() {
        guard !isOver else { return }
        isOver = true
        file.close()
        try? fileSystem.unlink(temporaryPath)
    }

    private func linked() throws(FileError) -> Bool {
        do throws(FileError) {
            try fileSystem.link(temporaryPath, finalPath)
            return true
        } catch  where error.code == .exists {
            // On NFS the answer to a link that succeeded may be lost, and the repetition says that the name exists.
            let mine = try file.status()
            guard let other = try fileSystem.status(finalPath) else { return false }
            return mine.inode == other.inode && mine.device == other.device
        }
    }
}

extension FileSystem {
    /// Publishes what `write` writes; see ``Publication`` for what is guaranteed.
    /// - Returns: false if the name is taken.
    package func publish(
        _ finalPath: String, from temporaryPath: String, _ write: (any OpenFile) throws(FileError) -> Void
    ) throws(FileError) -> Bool {
        let publication = try Publication(self, finalPath, from: temporaryPath)
        defer { publication.abandon() }
        try write(publication.file)
        return try publication.commit()
    }

    /// Publishes `bytes`; see ``Publication`` for what is guaranteed.
    /// - Returns: false if the name is taken.
    package func publish(_ finalPath: String, from temporaryPath: String, bytes: [UInt8]) throws(FileError) -> Bool {
        try publish(finalPath, from: temporaryPath) { file throws(FileError) in try file.write(bytes, at: 0) }
    }
}
