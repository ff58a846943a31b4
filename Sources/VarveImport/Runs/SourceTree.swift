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

    private static let maxDepth = 64

    /// The root's last component: the name of what stands in the root itself.
    package let rootName: String
    /// The path of the root, as it was given.
    package let rootPath: String
    /// The root is a file.
    package let isFile: Bool
    package private(set) var files: [File] = []
    /// What was not looked into: hidden files and directories, and what could not be read.
    package private(set) var hidden = 0
    /// Their paths: some tools keep what they log in a hidden directory.
    package private(set) var hiddenNames: [String] = []
    package private(set) var problems: [VarveError] = []

    /// Walks a directory, or takes a single file.
    package init(_ path: String, in fileSystem: any FileSystem) throws(VarveError) {
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
        walk(path, "", fileSystem, ancestors: [])
    }

    /// Takes away what is claimed.
    package mutating func remove(_ claims: Claims) {
        files.removeAll { claims.holds($0.relativePath) }
        hiddenNames.removeAll { claims.holds($0) }
    }

    private mutating func walk(
        _ directory: String, _ relative: String, _ fileSystem: any FileSystem, ancestors: [[UInt64]]
    ) {
        do throws(FileError) {
            guard let own = try fileSystem.targetStatus(directory) else { return }
            let identity = [own.device, own.inode]
            // A symbolic link that leads back up would never end.
            guard !ancestors.contains(identity), ancestors.count < Self.maxDepth else { return }
            var directories: [(path: String, relativePath: String)] = []
            for name in try fileSystem.list(directory).sorted(by: Self.precedes) {
                if name.hasPrefix(".") {
                    hidden += 1
                    hiddenNames.append(Paths.join(relative, name))
                    continue
                }
                let path = Paths.join(directory, name)
                let relativePath = Paths.join(relative, name)
                guard let status = try fileSystem.targetStatus(path) else { continue }
                switch status.kind {
                case .file:
                    files.append(
                        File(
                            relativePath: relativePath, path: path, size: status.size, modified: status.modified,
                            inode: status.inode))
                case .directory: directories.append((path, relativePath))
                case .link, .other: break
                }
            }
            for (path, relativePath) in directories {
                walk(path, relativePath, fileSystem, ancestors: ancestors + [identity])
            }
        } catch {
            problems.append(VarveError(error))
        }
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
