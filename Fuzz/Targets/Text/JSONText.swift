import VarveFormat

/// JSON documents: what is one is written and read to the same.
struct JSONText: FuzzTarget {
    static var words: [String] {
        ["null", "true", "false", "\\u0000", "\\ud83d\\ude00", "1e308", "-0", "[[[[", "{\"a\":"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "{\"step\": 1, \"loss\": 0.25, \"val\": {\"loss\": [1, -2e-3, null, true]}}",
            "\"\\ud83d\\ude00\\n\\u00e9\"",
            "[\(String(repeating: "[", count: 30))\(String(repeating: "]", count: 30))]",
            "9223372036854775807", "-0", "{\"a\": 1, \"a\": 2}", "123456789012345678901234567890e-10",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard let value = try? JSONValue(parsing: input) else { return }
        let text = value.text
        do {
            let again = try JSONValue(parsing: text)
            // A number beyond the largest double is infinite, and infinity is written as a string.
            try demand(again == value || text.contains("Infinity\""), "\(value) came back as \(again)")
            try demand(again.text == text, "\(text) came back as \(again.text)")
        } catch let error as FormatError { throw Broken(description: "\(text): \(error)") }
    }
}
