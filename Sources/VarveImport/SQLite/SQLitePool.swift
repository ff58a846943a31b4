import Varve
import VarveFiles

/// The databases that one import reads, each opened once.
final class SQLitePool {
    private let fileSystem: any FileSystem
    private var open: [String: SQLiteDatabase] = [:]
    /// Few are open at once: a tree may hold thousands.
    private static let mostOpen = 16

    init(_ fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    func database(_ path: String) throws(VarveError) -> SQLiteDatabase {
        if let known = open[path] { return known }
        let opened = try SQLiteDatabase(path, in: fileSystem)
        if open.count >= Self.mostOpen { open = [:] }
        open[path] = opened
        return opened
    }

    /// Whether a file may be a database, by its name and its first bytes.
    static func mayBeDatabase(_ file: SourceTree.File, _ place: ImportPlace, named: Bool) -> Bool {
        let name = file.name.lowercased()
        guard named || [".db", ".sqlite", ".sqlite3"].contains(where: name.hasSuffix) else { return false }
        return place.beginning(of: file, 16) == Array("SQLite format 3\0".utf8)
    }
}
