import Varve
import VarveFiles

/// Paths that an import has for itself for a while.
enum TemporaryPath {
    /// One in the directory for temporary files, of a name that nobody has.
    static func new() -> String {
        let host = RealHost()
        return Paths.join(host.environment("TMPDIR") ?? "/tmp", "varve-import-\(host.newID())")
    }
}
