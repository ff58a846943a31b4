import Glibc
import VarveFiles

/// A tmpfs of a size, in a directory of its own, that goes when nobody holds it any more. Needs to be root, and mostly not to be in
/// a container.
package final class SmallVolume {
    /// Where it is mounted.
    package let path: String

    /// Nil where mounting isn't allowed.
    package init?(megabytes: Int) {
        guard let path = Self.makePoint() else { return nil }
        guard mount("none", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            rmdir(path)
            return nil
        }
        self.path = path
    }

    /// Whether this process may mount: what a test is enabled by.
    package static let isAllowed = SmallVolume(megabytes: 1) != nil

    private static func makePoint() -> String? {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var random = SystemRandomNumberGenerator()
        let path = Paths.join(parent, "varve-test-" + String(random.next(), radix: 36))
        return mkdir(path, 0o755) == 0 ? path : nil
    }

    /// Lets `body` see a directory of it through a second mount that nobody can write to.
    package func withReadOnlyView<Result>(of directory: String, _ body: (String) throws -> Result) throws -> Result {
        guard let view = Self.makePoint() else { throw Unmet(description: "no mount point") }
        defer { rmdir(view) }
        guard mount(directory, view, "none", UInt(MS_BIND), nil) == 0 else {
            throw Unmet(description: "can't bind: error \(errno)")
        }
        defer { umount2(view, Int32(MNT_DETACH)) }
        guard mount("none", view, "none", UInt(MS_BIND) | UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else {
            throw Unmet(description: "can't remount: error \(errno)")
        }
        return try body(view)
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }
}
