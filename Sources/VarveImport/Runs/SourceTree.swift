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

        /// The directory within the root; empty: the root itself.
        package var directory: String {
            relativePath.lastIndex(of: "/").map { String(relativePath[..<$0]) } ?? ""
        }
        /// The last component.
        package var name: String { Paths.lastComponent(relativePath) }
    }

    private static let maxDepth = 64

    /// The root's last component: the name of what stands in the root itself.
    package let rootName: String
    /// The root is a file.
    package let isFile: Bool
    package private(set) var files: [File] = []
    /// What was not looked into: hidden files and directories, and what could not be read.
    package private(set) var hidden = 0
    package private(set) var problems: [VarveError] = []

    /// Walks a directory, or takes a single file.
    package init(_ path: String, in fileSystem: any FileSystem) throws(VarveError) {
        let found: FileStatus?
        do throws(FileError) { found = try fileSystem.targetStatus(path) } catch { throw VarveError(error) }
        guard let found else { throw VarveError(.notFound, "there is no such file or directory", file: path) }
        isFile = found.kind == .file
        if isFile {
            rootName = Paths.lastComponent(Paths.parent(path))
            let name = Paths.lastComponent(path)
            files = [File(relativePath: name, path: path, size: found.size)]
            return
        }
        rootName = Paths.lastComponent(path)
        walk(path, "", fileSystem, ancestors: [])
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
                    continue
                }
                let path = Paths.join(directory, name)
                let relativePath = Paths.join(relative, name)
                guard let status = try fileSystem.targetStatus(path) else { continue }
                switch status.kind {
                case .file: files.append(File(relativePath: relativePath, path: path, size: status.size))
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
