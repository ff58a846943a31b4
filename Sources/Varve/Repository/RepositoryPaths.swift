import VarveFiles
import VarveFormat

/// Where things stand in a repository (Format.md, section 2).
package struct RepositoryPaths: Hashable, Sendable {
    package let root: String
    /// A bare folder of log files, without `varve.json`: `logs` is the folder itself.
    package let isBare: Bool

    package init(root: String, isBare: Bool = false) {
        self.root = root
        self.isBare = isBare
    }

    package var description: String { Paths.join(root, "varve.json") }
    package var logs: String { isBare ? root : Paths.join(root, "logs") }
    package var index: String { Paths.join(root, "index") }
    package var artifacts: String { Paths.join(root, "artifacts") }
    package var trash: String { Paths.join(root, "trash") }

    package func log(_ name: LogName) -> String { Paths.join(logs, "\(name)") }

    /// Where the content with this SHA-256 (64 hexadecimal digits) is.
    package func artifact(_ sha256: String) -> String {
        Paths.join(Paths.join(artifacts, String(sha256.prefix(2))), sha256)
    }
}
