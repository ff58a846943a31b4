import Glibc
import VarveFiles

/// Gives `body` a new, empty directory, and removes it with all it holds, whatever happens.
/// - Parameter parent: where it is made; nil: where `TMPDIR` says, else in `/tmp`.
package func withTemporaryDirectory<Result>(
    in parent: String? = nil, _ body: (String) async throws -> Result
) async throws -> Result {
    let path = try makeTemporaryDirectory(in: parent)
    defer { removeTree(path) }
    return try await body(path)
}

/// The same for a body that doesn't wait.
package func withTemporaryDirectory<Result>(
    in parent: String? = nil, _ body: (String) throws -> Result
) throws -> Result {
    let path = try makeTemporaryDirectory(in: parent)
    defer { removeTree(path) }
    return try body(path)
}

/// Where tests of many files go, so that they don't wait for a disk; nil, so the usual place, where there is none.
package let memoryDirectory: String? = {
    let path = "/dev/shm"
    return access(path, W_OK) == 0 && (try? RealFileSystem().volume(path).kind) == "tmpfs" ? path : nil
}()

private func makeTemporaryDirectory(in parent: String?) throws(FileError) -> String {
    let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var random = SystemRandomNumberGenerator()
    let path = Paths.join(parent, "varve-test-" + String(random.next(), radix: 36))
    guard mkdir(path, 0o700) == 0 else { throw FileError("mkdir", path, .init(rawValue: errno)) }
    return path
}

/// Removes a file or a directory and all that is in it; follows no symbolic links; errors are nobody's concern.
package func removeTree(_ path: String) {
    if unlink(path) == 0 { return }
    for name in (try? RealFileSystem().list(path)) ?? [] { removeTree(Paths.join(path, name)) }
    rmdir(path)
}
