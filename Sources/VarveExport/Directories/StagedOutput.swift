import Varve
import VarveFiles

/// A file or a directory on its way to its final name: written under a name beside it that begins with a dot, and moved there
/// when it is whole. What stops before leaves nothing under the final name, and nothing beside it unless the process was
/// killed.
package final class StagedOutput {
    /// Where to write.
    package let path: String
    /// Where it will be.
    package let final: String
    private let isDirectory: Bool
    private let fileSystem = RealFileSystem()
    private var isOver = false

    /// Makes the directory, or nothing yet for a file.
    ///
    /// - Throws: `exists` if there is something under the final name (an empty directory is fine where one is made).
    package init(_ final: String, isDirectory: Bool) throws(VarveError) {
        var final = final
        while final.utf8.count > 1, final.hasSuffix("/") { final.removeLast() }
        self.final = final
        self.isDirectory = isDirectory
        var random = SystemRandomNumberGenerator()
        let name = Paths.lastComponent(final).clipped(toBytes: 200)
        path = Paths.join(Paths.parent(final), ".\(name).\(String(random.next(), radix: 36)).part")
        let (fileSystem, path) = (fileSystem, path)
        let isFree = try Self.filesystem { () throws(FileError) in
            guard let status = try fileSystem.targetStatus(final) else { return true }
            return isDirectory && status.kind == .directory ? try fileSystem.list(final).isEmpty : false
        }
        guard isFree else {
            throw VarveError(
                .exists, isDirectory ? "there is something in it already" : "it is there already", file: final,
                remedy: "name another one, or remove it first")
        }
        if isDirectory { try Self.filesystem { () throws(FileError) in try fileSystem.makeDirectory(path) } }
    }

    deinit { if !isOver { try? fileSystem.removeTree(path) } }

    /// Gives it its final name.
    ///
    /// - Throws: `exists` if that was taken meanwhile.
    package func publish() throws(VarveError) {
        do throws(FileError) {
            if isDirectory {
                // Replaces nothing but an empty directory.
                try fileSystem.rename(path, final)
                isOver = true
            } else {
                try move()
            }
        } catch  where error.code == .exists || error.code == .notEmpty {
            throw VarveError(.exists, "somebody else made it meanwhile", file: final, remedy: "name another one")
        } catch {
            throw VarveError(error)
        }
        // The content is whole whatever becomes of this.
        try? fileSystem.syncDirectory(Paths.parent(final))
    }

    /// Gives the file its name, which nobody else may have.
    private func move() throws(FileError) {
        do throws(FileError) {
            try fileSystem.link(path, final)
            isOver = true
            try? fileSystem.unlink(path)
        } catch  where error.code == .notPermitted || error.code == .notSupported {
            // A file system without links: it has to do without the last bit of care.
            guard try fileSystem.targetStatus(final) == nil else { throw FileError("rename", final, .exists) }
            try fileSystem.rename(path, final)
            isOver = true
        }
    }

    private static func filesystem<Result>(_ body: () throws(FileError) -> Result) throws(VarveError) -> Result {
        do throws(FileError) { return try body() } catch { throw VarveError(error) }
    }
}
