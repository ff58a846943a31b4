import Testing
import VarveFiles

/// Where things are: the package, and the data sets that may lie beside it.
package enum PackagePaths {
    /// The directory that holds `Package.swift`.
    package static let root = Paths.parent(Paths.parent(Paths.parent(#filePath)))

    /// `../shared/data`, seen from the package.
    package static let sharedData = Paths.join(Paths.parent(root), "shared/data")

    /// The directory of a data set, or nil if it isn't here.
    ///
    ///     @Test(.enabled(if: PackagePaths.dataSet("csv-lightning-mnist") != nil, PackagePaths.skipMessage))
    package static func dataSet(_ name: String) -> String? {
        let path = Paths.join(sharedData, name)
        return (try? RealFileSystem().status(path))??.kind == .directory ? path : nil
    }

    /// What a test that needs a data set says where there is none.
    package static let skipMessage: Comment = "no ../shared/data beside the package: nothing to compare with"

    /// The names of all data sets that are here, sorted; empty if there are none.
    package static var dataSets: [String] {
        ((try? RealFileSystem().list(sharedData)) ?? []).filter { dataSet($0) != nil }.sorted()
    }
}
