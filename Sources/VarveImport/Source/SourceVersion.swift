import Varve
import VarveFiles

/// The version of a source that is told by sizes and times of files, and by whatever else its format adds.
///
/// A file that was written to within the last two seconds has no version: coarse clocks give two states of it the same time.
package struct SourceVersion {
    private static let settled: Int64 = 2_000_000_000

    private var words = XXHash64Words()
    private var isYoung = false
    private let now: Int64

    /// - Parameter now: nanoseconds since 1970.
    package init(now: Int64 = RealHost().wallTime()) { self.now = now }

    /// Begins with all files of a folder; nil if it can't be read.
    package init?(ofFolder path: String, in fileSystem: any FileSystem) {
        guard let files = try? SourceTree(path, in: fileSystem).files else { return nil }
        self.init()
        for file in files { add(file) }
    }

    package mutating func add(_ number: UInt64) { words.add(number) }

    package mutating func add(_ text: String) {
        words.add(XXHash64.hash(Array(text.utf8)))
    }

    package mutating func add(file path: String, size: Int, modified: Int64) {
        add(path)
        words.add(UInt64(size))
        words.add(UInt64(bitPattern: modified))
        if modified > now - Self.settled { isYoung = true }
    }

    package mutating func add(_ file: SourceTree.File) {
        add(file: file.relativePath, size: file.size, modified: file.modified)
    }

    /// The version; nil if it can't be told yet.
    package var value: UInt64? { isYoung ? nil : words.value }
}
