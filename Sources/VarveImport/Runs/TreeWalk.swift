import Varve
import VarveFiles

/// A walk through the files below a path, for ``SourceTree``.
///
/// What links lead to comes after everything else, so that of two ways to a file the plain one counts.
struct TreeWalk {
    private(set) var files: [SourceTree.File] = []
    private(set) var hiddenNames: [String] = []
    private(set) var packages = 0
    private(set) var repeated = 0
    private(set) var problems: [VarveError] = []

    private let fileSystem: any FileSystem
    private let isSearch: Bool
    private var links: [(path: String, relativePath: String, ancestors: [Identity])] = []
    /// The directories that were walked through, and those that the root lies in.
    private var visited: Set<Identity> = []

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64

        init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
    }

    private static let packageNames: Set<String> = ["node_modules", "site-packages", "dist-packages", "__pycache__"]
    private static let maxDepth = 64

    init(_ fileSystem: any FileSystem, isSearch: Bool) {
        self.fileSystem = fileSystem
        self.isSearch = isSearch
    }

    /// Walks through a directory, and in the end through what its links lead to.
    mutating func walk(_ root: String) {
        walk(root, "", ancestors: [])
        guard !links.isEmpty else { return }
        var above = root
        for _ in 0..<Self.maxDepth {
            above = Paths.join(above, "..")
            guard let status = try? fileSystem.targetStatus(above), visited.insert(Identity(status)).inserted else {
                break
            }
        }
        var known = isSearch ? Set(files.map(\.inode)) : []
        while !links.isEmpty {
            let link = links.removeFirst()
            do throws(FileError) {
                guard let status = try fileSystem.targetStatus(link.path) else { continue }
                switch status.kind {
                case .file where isSearch && !known.insert(status.inode).inserted: repeated += 1
                case .file: add(link.path, link.relativePath, status)
                case .directory:
                    let identity = Identity(status)
                    // One that leads back up would never end.
                    if isSearch && visited.contains(identity) || link.ancestors.contains(identity) {
                        repeated += 1
                    } else {
                        let before = files.count
                        walk(link.path, link.relativePath, ancestors: link.ancestors)
                        if isSearch { known.formUnion(files[before...].map(\.inode)) }
                    }
                case .link, .other: break
                }
            } catch { problems.append(VarveError(error)) }
        }
        files.sort { Self.precedes($0.relativePath[...], $1.relativePath[...]) }
    }

    private mutating func add(_ path: String, _ relativePath: String, _ status: FileStatus) {
        files.append(
            SourceTree.File(
                relativePath: relativePath, path: path, size: status.size, modified: status.modified,
                inode: status.inode))
    }

    private mutating func walk(_ directory: String, _ relative: String, ancestors: [Identity]) {
        do throws(FileError) {
            guard let own = try fileSystem.targetStatus(directory), ancestors.count < Self.maxDepth else { return }
            let ancestors = ancestors + [Identity(own)]
            visited.insert(Identity(own))
            var directories: [(path: String, relativePath: String)] = []
            for name in try fileSystem.list(directory).sorted(by: SourceTree.precedes) {
                let path = Paths.join(directory, name)
                let relativePath = Paths.join(relative, name)
                if name.utf8.first == UInt8(ascii: ".") {
                    hiddenNames.append(relativePath)
                    continue
                }
                guard let status = try fileSystem.status(path) else { continue }
                switch status.kind {
                case .file: add(path, relativePath, status)
                case .directory where isSearch && Self.packageNames.contains(name): packages += 1
                case .directory: directories.append((path, relativePath))
                case .link: links.append((path, relativePath, ancestors))
                case .other: break
                }
            }
            for (path, relativePath) in directories { walk(path, relativePath, ancestors: ancestors) }
        } catch {
            problems.append(VarveError(error))
        }
    }

    /// The order of ``SourceTree``: part by part, a directory's own files before its directories.
    private static func precedes(_ a: Substring, _ b: Substring) -> Bool {
        let (x, y) = (a.split(separator: "/"), b.split(separator: "/"))
        for (index, (p, q)) in zip(x, y).enumerated() where p != q {
            let (isFileX, isFileY) = (index == x.count - 1, index == y.count - 1)
            if isFileX != isFileY { return isFileX }
            return SourceTree.precedes(String(p), String(q))
        }
        return x.count < y.count
    }
}
