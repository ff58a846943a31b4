import Varve
import VarveFormat

/// Names of files in `logs/`, and IDs: what is one is written as it was read.
struct FileNames: FuzzTarget {
    static var words: [String] { [".vlog", "s.vlog", ".journal", "edit-", "pack-", "spare-", "4294967295"] }

    static func seeds() -> [[UInt8]] {
        let id = "01a21225-d900-7abc-8def-0123456789ab"
        return [
            "\(id).1.vlog", "\(id).12s.vlog", "\(id).3.journal", "edit-\(id).vlog", "pack-\(id).vlog",
            "spare-\(id).journal", id.uppercased(),
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let name = LogName(text) { try demand("\(name)" == text, "'\(text)' came back as '\(name)'") }
        if let name = LogName(parsing: input.span) {
            try demand(Array("\(name)".utf8) == input, "\(input) came back as '\(name)'")
        }
        if let id = UniqueID(text) { try demand("\(id)" == text.lowercased(), "'\(text)' came back as '\(id)'") }
        if let number = Manifest.number(of: text) {
            try demand(Manifest.fileName(number) == text, "'\(text)' came back as \(number)")
        }
    }
}
