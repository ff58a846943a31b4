import Varve
import VarveFiles

/// Measurements in a file: an array of objects, or an object a line.
package enum MeasurementFile {
    package static func write(_ measurements: [Measurement], to path: String) throws {
        let lines = measurements.map { "  \($0.json)" }.joined(separator: ",\n")
        try replace(path, with: "[\n\(lines)\n]\n")
    }

    /// The measurements in a file, what follows for the targets from rows of other tools' scripts among them.
    package static func read(_ path: String) throws -> [Measurement] {
        let bytes = try RealFileSystem().readAll(path, cap: 64 << 20)
        let objects: [JSONValue]
        if bytes.first(where: { $0 > 32 }) == UInt8(ascii: "[") {
            objects = try JSONValue(parsing: bytes).arrayValue ?? []
        } else {
            objects = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        }
        return objects.compactMap(Measurement.init(json:)) + PeerFigures(objects).measurements
    }

    /// The same; nothing if there is no such file.
    package static func readIfThere(_ path: String) throws -> [Measurement] {
        try RealFileSystem().status(path) == nil ? [] : read(path)
    }

    /// Writes a text to a file, whatever it held.
    package static func replace(_ path: String, with text: String) throws {
        try RealFileSystem().unlink(path)
        let file = try RealFileSystem().open(path, .createNew)
        defer { file.close() }
        try file.write(Array(text.utf8), at: 0)
    }
}
