import VarveFiles
import VarveFormat

/// `varve.json`: what a directory is (Format.md, section 2).
struct RepositoryFile: Hashable {
    var id: UniqueID
    var name: String
    /// Nanoseconds since 1970.
    var created: Int64

    private static let cap = 1 << 20

    func bytes() -> [UInt8] {
        let object: JSONValue = [
            "format": .int(Int64(FormatConstants.version)), "repository": .string("\(id)"), "name": .string(name),
            "created": .string(TimeText.text(created)),
        ]
        return Array("\(object)\n".utf8)
    }

    init(id: UniqueID, name: String, created: Int64) {
        self.id = id
        self.name = name
        self.created = created
    }

    /// Reads the file at `path`.
    init(reading path: String, _ fileSystem: any FileSystem) throws(VarveError) {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try fileSystem.readAll(path, cap: Self.cap) } catch { throw VarveError(error) }
        let json: JSONValue
        do throws(FormatError) { json = try JSONValue(parsing: bytes) } catch {
            throw VarveError(error.located(in: path))
        }
        guard let format = json["format"]?.intValue else {
            throw VarveError(.damaged, "not the description of a repository", file: path, expected: "\"format\": 1")
        }
        guard format == Int64(FormatConstants.version) else {
            throw VarveError(
                .unsupported, "a repository of another format", file: path, expected: "format 1", found: "\(format)",
                remedy: "update Varve to read it")
        }
        guard let id = json["repository"]?.stringValue.flatMap({ UniqueID($0) }) else {
            throw VarveError(.damaged, "no ID", file: path, expected: "\"repository\": a UUID")
        }
        self.id = id
        name = json["name"]?.stringValue ?? ""
        created = json["created"]?.stringValue.flatMap { TimeText.time($0) } ?? FormatConstants.noTime
    }
}
