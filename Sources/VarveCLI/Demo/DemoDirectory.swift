import Glibc
import Varve

/// The directory that a demo makes, and makes anew when it is repeated.
enum DemoDirectory {
    /// The name of a demo's repository: only what has it is ever removed.
    static let name = "varve demo"

    /// An empty repository at `path`; one that an earlier demo left there is removed, anything else is refused.
    static func make(_ path: String) throws -> Repository {
        var status = stat()
        if lstat(path, &status) == 0 {
            let isDemo = (try? Repository.open(path))?.name == name
            guard isDemo, status.st_mode & S_IFMT == S_IFDIR else {
                throw VarveError(
                    .exists, "there is something already, and it isn't a demo's", file: path,
                    remedy: "varve demo ANOTHER-DIR")
            }
            guard removeTree(path) else {
                throw VarveError(.system, "can't remove the last demo: \(String(cString: strerror(errno)))", file: path)
            }
        }
        return try Repository.create(at: path, name: name)
    }

    /// Removes a directory with all that is in it; links are removed, not followed.
    private static func removeTree(_ path: String) -> Bool {
        guard let directory = opendir(path) else { return false }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(directory)
        for name in names where name != "." && name != ".." {
            let child = "\(path)/\(name)"
            var status = stat()
            guard lstat(child, &status) == 0 else { return false }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            guard isDirectory ? removeTree(child) : unlink(child) == 0 else { return false }
        }
        return rmdir(path) == 0
    }
}
