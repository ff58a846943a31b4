import Glibc
import Varve
import VarveFiles

/// How much is measured.
package enum BenchSize: Hashable, Sendable {
    /// A share of the full workloads; 1 is the full size.
    case scale(Double)
    /// As little as exercises everything: for the tests.
    case tiny

    /// This many, or fewer.
    package func count(_ full: Int, atLeast least: Int = 1) -> Int {
        switch self {
        case .scale(let scale): max(least, Int(Double(full) * scale))
        case .tiny: least
        }
    }
}

/// What benchmarks share: how much to measure, where to put files, and repositories that several of them read.
package final class BenchContext {
    package let size: BenchSize
    /// How often each measurement is repeated; the median counts.
    package let repeats: Int
    /// A new directory, which ``clean()`` removes.
    package let directory: String
    /// This program, to be started again where a fresh process is to be measured; nil: measure here.
    package let executable: String?
    /// Told what is under way.
    package var progress: (String) -> Void = { _ in }
    private var corpora: [String: Corpus] = [:]
    private var names = 0

    package init(size: BenchSize, repeats: Int, parent: String, executable: String? = nil) throws {
        self.size = size
        self.repeats = max(1, repeats)
        self.executable = executable
        directory = Paths.join(parent, "varve-bench-\(getpid())")
        try RealFileSystem().makeDirectory(directory)
    }

    /// A path that nobody uses yet.
    package func newPath(_ name: String) -> String {
        names += 1
        return Paths.join(directory, "\(name)-\(names)")
    }

    /// An empty repository.
    package func newRepository(_ name: String) throws -> Repository { try Repository.create(at: newPath(name)) }

    /// A workload, logged; made when it is first asked for.
    func corpus(_ name: String) throws -> Corpus {
        if let known = corpora[name] { return known }
        progress("logging workload \(name)")
        let made = try Corpus(Workload.named(name, size), self)
        corpora[name] = made
        return made
    }

    /// Removes all files.
    package func clean() {
        corpora = [:]
        FileTree.remove(directory)
    }
}

package enum FileTree {
    /// Removes a file, or a directory and all that is in it; follows no symbolic links.
    package static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in (try? RealFileSystem().list(path)) ?? [] { remove(Paths.join(path, name)) }
        rmdir(path)
    }

    /// The bytes of all files in a directory, not counting directories below it.
    package static func bytes(in directory: String) throws -> Int {
        let files = RealFileSystem()
        return try files.list(directory).reduce(0) { sum, name in
            let status = try files.status(Paths.join(directory, name))
            return sum + (status?.kind == .file ? status?.size ?? 0 : 0)
        }
    }
}
