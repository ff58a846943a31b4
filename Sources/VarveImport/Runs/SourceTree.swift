import Varve
import VarveFiles

/// The files below a path, in the order in which people count: `version_2` before `version_10`; a directory's own files
/// before those of its directories.
package struct SourceTree {
    /// A file found.
    package struct File: Hashable, Sendable {
        /// Its path relative to the root, components separated by `/`.
        package var relativePath: String
        package var path: String
        package var size: Int
        /// When it was last written to, nanoseconds since 1970.
        package var modified: Int64 = 0
        /// Which file it is, whatever its name.
        package var inode: UInt64 = 0

        /// The directory within the root; empty: the root itself.
        package var directory: String {
            relativePath.lastIndex(of: "/").map { String(relativePath[..<$0]) } ?? ""
        }
        /// The last component.
        package var name: String { Paths.lastComponent(relativePath) }
    }

    /// Files, and directories with all that is in them, by their paths relative to the root.
    package struct Claims {
        package var files: Set<String> = []
        package var directories: Set<String> = []

        package init() {}

        func holds(_ path: String) -> Bool {
            if files.contains(path) { return true }
            guard !directories.isEmpty else { return false }
            if directories.contains("") { return true }
            return path.indices.contains { path[$0] == "/" && directories.contains(String(path[..<$0])) }
        }
    }

    /// The root's last component: the name of what stands in the root itself.
    package let rootName: String
    /// The path of the root, as it was given.
    package let rootPath: String
    /// The root is a file.
    package let isFile: Bool
    package private(set) var files: [File] = []
    /// Hidden files and directories, which aren't looked into; but some tools keep what they log in one.
    package private(set) var hiddenNames: [String] = []
    package private(set) var problems: [VarveError] = []
    /// Some format has taken files.
    package private(set) var hasClaims = false

    /// Directories that weren't looked into, since what is installed there is nobody's training.
    package private(set) var packages = 0
    /// Links that lead to what is in the tree anyway.
    package private(set) var repeated = 0

    /// Walks a directory, or takes a single file. Symbolic links are followed.
    ///
    /// - Parameter isSearch: each file and directory is wanted once, whatever links lead to it (`latest`, `latest-run`), and
    ///   directories of installed packages aren't.
    package init(_ path: String, in fileSystem: any FileSystem, isSearch: Bool = false) throws(VarveError) {
        let found: FileStatus?
        do throws(FileError) { found = try fileSystem.targetStatus(path) } catch { throw VarveError(error) }
        guard let found else { throw VarveError(.notFound, "there is no such file or directory", file: path) }
        isFile = found.kind == .file
        rootPath = path
        if isFile {
            rootName = Paths.lastComponent(Paths.parent(path))
            let name = Paths.lastComponent(path)
            files = [
                File(
                    relativePath: name, path: path, size: found.size, modified: found.modified,
                    inode: found.inode)
            ]
            return
        }
        rootName = Paths.lastComponent(path)
        var walk = TreeWalk(fileSystem, isSearch: isSearch)
        walk.walk(path)
        files = walk.files
        (hiddenNames, problems) = (walk.hiddenNames, walk.problems)
        (packages, repeated) = (walk.packages, walk.repeated)
    }

    /// Takes away what is claimed.
    package mutating func remove(_ claims: Claims) {
        files.removeAll { file in
            guard claims.holds(file.relativePath) else { return false }
            hasClaims = true
            return true
        }
        hiddenNames.removeAll { claims.holds($0) }
    }

    /// Orders names by their parts, numbers among them by value, equal ones by bytes.
    package static func precedes(_ a: String, _ b: String) -> Bool {
        var (x, y) = (a.utf8[...], b.utf8[...])
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        while let p = x.first, let q = y.first {
            if isDigit(p), isDigit(q) {
                let (m, n) = (x.prefix(while: isDigit), y.prefix(while: isDigit))
                let (s, t) = (m.drop { $0 == 0x30 }, n.drop { $0 == 0x30 })
                if s.count != t.count { return s.count < t.count }
                if !s.elementsEqual(t) { return s.lexicographicallyPrecedes(t) }
                x = x.dropFirst(m.count)
                y = y.dropFirst(n.count)
            } else {
                if p != q { return p < q }
                x = x.dropFirst()
                y = y.dropFirst()
            }
        }
        if x.isEmpty && y.isEmpty { return a.utf8.lexicographicallyPrecedes(b.utf8) }
        return x.isEmpty
    }
}
