import Varve
import VarveFiles
import VarveYAML

/// Documents that other tools lay beside their logs.
enum SmallFile {
    private static let maxBytes = 16 << 20

    /// A JSON object; nil if there is none. What is there and can't be read is told.
    static func json(
        _ path: String, _ fileSystem: any FileSystem, _ complain: (VarveError) -> Void
    ) -> JSONObject? {
        read(path, fileSystem, complain) { bytes throws(VarveError) in
            do throws(FormatError) { return try JSONValue(parsing: bytes) } catch { throw VarveError(error) }
        }?.objectValue
    }

    /// A YAML mapping; nil if there is none. What is there and can't be read is told.
    static func yaml(
        _ path: String, _ fileSystem: any FileSystem, _ complain: (VarveError) -> Void
    ) -> JSONObject? {
        read(path, fileSystem, complain) { bytes throws(VarveError) in
            try YAMLText.json(String(decoding: bytes, as: UTF8.self), "the file")
        }?.objectValue
    }

    private static func read(
        _ path: String, _ fileSystem: any FileSystem, _ complain: (VarveError) -> Void,
        _ parse: ([UInt8]) throws(VarveError) -> JSONValue
    ) -> JSONValue? {
        do throws(VarveError) {
            let bytes: [UInt8]
            do throws(FileError) {
                guard try fileSystem.targetStatus(path)?.kind == .file else { return nil }
                bytes = try fileSystem.readAll(path, cap: maxBytes, .readLinked)
            } catch { throw VarveError(error) }
            if bytes.allSatisfy({ $0 == 0x0A || $0 == 0x20 }) { return nil }
            return try parse(bytes)
        } catch {
            var error = error
            error.file = error.file ?? path
            complain(error)
            return nil
        }
    }
}
