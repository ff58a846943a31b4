import Varve

/// YAML as the JSON that says the same.
package enum YAMLText {
    private static let maxBytes = 16 << 20

    /// Reads one document.
    /// - Parameter what: what to call it in errors, such as `the plan`.
    /// - Throws: `invalid` if it is no YAML, has no document or several, repeats a key, or has keys that are no texts;
    ///   `limit` if it is too long, nested too deeply, or too large.
    package static func json(_ text: String, _ what: String) throws(VarveError) -> JSONValue {
        guard text.utf8.count <= maxBytes else { throw VarveError(.limit, "\(what) is too long") }
        var composer = try YAMLComposer(text, what)
        return try composer.document()
    }

    /// Plain words are what JSON takes them for (so `1e-3` is a number, which YAML 1.1 denies, and `no` is a text); what is
    /// quoted is text.
    static func plain(_ word: String) -> JSONValue {
        switch word {
        case "", "~", "Null", "NULL": return .null
        case "True", "TRUE": return .bool(true)
        case "False", "FALSE": return .bool(false)
        case ".inf", ".Inf": return .double(.infinity)
        case "-.inf", "-.Inf": return .double(-.infinity)
        case ".nan", ".NaN": return .double(.nan)
        default: break
        }
        if let json = try? JSONValue(parsing: word), json.objectValue == nil, json.arrayValue == nil { return json }
        // `.5` and `5.` are numbers for everybody but JSON.
        let isDecimal = word.utf8.allSatisfy { (0x30...0x39).contains($0) || ".+-eE".utf8.contains($0) }
        if isDecimal, let number = Double(word) { return .double(number) }
        return .string(word)
    }
}
