import Varve
import VarveFiles

@testable import VarveImport

/// One of the sets of real logs that lie beside the repository, in `../shared/data`; absent in most checkouts.
struct DataSet {
    let path: String
    let expected: JSONValue

    /// Nil where the folder isn't there.
    init?(_ name: String) throws {
        // Tests/VarveImportTests/Support/DataSet.swift: four levels below the package, whose neighbour is meant.
        let package = (0..<4).reduce(#filePath) { path, _ in Paths.parent(path) }
        path = Paths.join(Paths.parent(package), "shared/data/\(name)")
        let fileSystem = RealFileSystem()
        let description = Paths.join(path, "expected.json")
        guard try fileSystem.status(description) != nil else { return nil }
        expected = try JSONValue(parsing: fileSystem.readAll(description, cap: 64 << 20))
    }

    /// Whether the sets are here at all.
    static var areHere: Bool { (try? DataSet("csv-lightning-mnist")) != nil }

    static let skipped = "../shared/data isn't beside the package: nothing to compare with"

    func source(_ relativePath: String) throws -> FileSource {
        FileSource(Paths.join(path, relativePath), name: relativePath, in: RealFileSystem())
    }
}
