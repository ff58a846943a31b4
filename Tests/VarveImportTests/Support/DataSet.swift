import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// One of the sets of real logs that may lie beside the package.
struct DataSet {
    let path: String
    let expected: JSONValue

    /// Nil where the folder isn't there.
    init?(_ name: String) throws {
        guard let path = PackagePaths.dataSet(name) else { return nil }
        self.path = path
        expected = try JSONValue(parsing: RealFileSystem().readAll(Paths.join(path, "expected.json"), cap: 64 << 20))
    }

    /// Whether the sets are here at all.
    static var areHere: Bool { PackagePaths.dataSet("csv-lightning-mnist") != nil }

    /// A directory in memory, where there is one: these tests are about what is stored, and need not wait for a disk.
    static var memory: String? {
        (try? RealFileSystem().status("/dev/shm"))??.kind == .directory ? "/dev/shm" : nil
    }

    func source(_ relativePath: String) -> FileSource {
        FileSource(Paths.join(path, relativePath), name: relativePath, in: RealFileSystem())
    }
}
