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
    /// Closed journals that the next run may take.
    let spares = SparePool()

    package init(fileSystem: any FileSystem, host: any Host, hasThreads: Bool) {
        self.fileSystem = fileSystem
        self.host = host
        self.hasThreads = hasThreads
    }

    /// The real one.
    package static let process = Environment(fileSystem: RealFileSystem(), host: RealHost(), hasThreads: true)
}
