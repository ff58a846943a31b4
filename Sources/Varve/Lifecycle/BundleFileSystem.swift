import VarveFiles
import VarveFormat

/// Shows one file as a folder that has it as its only pack: how a bundle is opened. Nothing in it can be written.
struct BundleFileSystem: FileSystem {
    private let inner: any FileSystem
    private let bundle: String
    /// The name under which the file is seen; that of no other pack.
    private let name = LogName.pack(.zero)

    init(_ inner: any FileSystem, _ bundle: String) {
        self.inner = inner
        self.bundle = bundle
    }

    private func isInside(_ path: String) -> Bool { path == bundle || path.hasPrefix(Paths.join(bundle, "")) }

    private func demandOutside(_ call: String, _ path: String) throws(FileError) {
        if isInside(path) { throw FileError(call, path, .readOnly) }
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        // An open file tells its own path, by which it is opened again.
        if path == Paths.join(bundle, "\(name)") || path == bundle {
            guard mode == .read || mode == .readLinked else { throw FileError("open", path, .readOnly) }
            // A person named it, perhaps by a link.
            return try inner.open(bundle, .readLinked)
        }
        if isInside(path) { throw FileError("open", path, mode == .createNew ? .readOnly : .notFound) }
        return try inner.open(path, mode)
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        if directory == bundle { return ["\(name)"] }
        if isInside(directory) { throw FileError("opendir", directory, .notFound) }
        return try inner.list(directory)
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        isInside(path) ? try inside(path) : try inner.status(path)
    }

    func targetStatus(_ path: String) throws(FileError) -> FileStatus? {
        isInside(path) ? try inside(path) : try inner.targetStatus(path)
    }

    private func inside(_ path: String) throws(FileError) -> FileStatus? {
        if path == Paths.join(bundle, "\(name)") { return try inner.targetStatus(bundle) }
        guard path == bundle, var status = try inner.targetStatus(bundle) else { return nil }
        status.kind = .directory
        return status
    }

    func makeDirectory(_ path: String) throws(FileError) {
        try demandOutside("mkdir", path)
        try inner.makeDirectory(path)
    }

    func link(_ existing: String, _ new: String) throws(FileError) {
        try demandOutside("link", new)
        try inner.link(existing, new)
    }

    func unlink(_ path: String) throws(FileError) {
        try demandOutside("unlink", path)
        try inner.unlink(path)
    }

    func rename(_ old: String, _ new: String) throws(FileError) {
        try demandOutside("rename", old)
        try demandOutside("rename", new)
        try inner.rename(old, new)
    }

    func removeDirectory(_ path: String) throws(FileError) {
        try demandOutside("rmdir", path)
        try inner.removeDirectory(path)
    }

    func syncDirectory(_ path: String) throws(FileError) {
        try demandOutside("fsync", path)
        try inner.syncDirectory(path)
    }

    func volume(_ path: String) throws(FileError) -> Volume {
        try inner.volume(isInside(path) ? Paths.parent(bundle) : path)
    }
}
