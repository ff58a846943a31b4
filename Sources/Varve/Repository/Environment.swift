import Synchronization
import VarveFiles
import VarveFormat

/// What the engine stands on: files, host, and who does the housekeeping. One per process in earnest; tests make their
/// own.
package final class Environment: Sendable {
    package let fileSystem: any FileSystem
    package let host: any Host
    /// Whether threads drain and sync. If not, the caller does (tests, one step at a time).
    package let hasThreads: Bool
    /// Threads that decode for one reader, the caller's own among them.
    let decodingThreads: Int
    /// Closed journals that the next run may take.
    let spares = SparePool()

    package init(fileSystem: any FileSystem, host: any Host, hasThreads: Bool, decodingThreads: Int? = nil) {
        self.fileSystem = fileSystem
        self.host = host
        self.hasThreads = hasThreads
        self.decodingThreads = decodingThreads ?? (hasThreads ? min(host.processors, 16) : 1)
    }

    /// The real one.
    package static let process = Environment(fileSystem: RealFileSystem(), host: RealHost(), hasThreads: true)
}
