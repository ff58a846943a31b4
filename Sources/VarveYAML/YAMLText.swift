import Varve
import Yams

/// YAML as the JSON that says the same.
package enum YAMLText {
    private static let maxBytes = 16 << 20
    private static let maxDepth = 32
    private static let maxNodes = 1 << 20

    /// Reads one document.
    /// - Parameter what: what to call it in errors, such as `the plan`.
    package static func json(_ text: String, _ what: String) throws(VarveError) -> JSONValue {
        try demandFlat(text, what)
        let node: Node?
        do { node = try compose(yaml: text) } catch {
            throw VarveError(.invalid, "\(what) is neither JSON nor YAML: \(error)")
        }
        guard let node else { throw VarveError(.invalid, "\(what) is empty") }
        var left = maxNodes
        return try json(node, what, depth: 0, &left)
    }

    /// Refuses what is nested so deeply that a parser which calls itself would run out of stack.
    private static func demandFlat(_ text: String, _ what: String) throws(VarveError) {
        guard text.utf8.count <= maxBytes else { throw VarveError(.limit, "\(what) is too long") }
        var (open, leading) = (0, 0)
        var isLeading = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                isLeading = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                open = max(0, open - 1)
                isLeading = false
            case UInt8(ascii: "\n"): (leading, isLeading) = (0, true)
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
                if isLeading { leading += 1 }
            default: isLeading = false
            }
            guard open <= maxDepth, leading <= 8 * maxDepth else {
                throw VarveError(.limit, "\(what) is nested too deeply")
            }
        }
    }

    private static func json(
        _ node: Node, _ what: String, depth: Int, _ left: inout Int
    ) throws(VarveError) -> JSONValue {
        left -= 1
        // An alias stands for what it names, and those can be nested.
        guard left > 0, depth < maxDepth else { throw VarveError(.limit, "\(what) is too large") }
        switch node {
        case .scalar(let scalar): return value(scalar)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw VarveError(.invalid, "a name of \(what) is no text") }
                object[name.string] = try json(value, what, depth: depth + 1, &left)
            }
            return .object(object)
        case .sequence(let sequence):
            var list: [JSONValue] = []
            for element in sequence { list.append(try json(element, what, depth: depth + 1, &left)) }
            return .array(list)
        case .alias: throw VarveError(.invalid, "\(what) has an alias to nothing")
        }
    }

    /// Plain words are what JSON takes them for (so `1e-3` is a number, which YAML 1.1 denies, and `no` is a text); what is
    /// quoted is text.
    private static func value(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "Null", "NULL": return .null
        case "True", "TRUE": return .bool(true)
        case "False", "FALSE": return .bool(false)
        case ".inf", ".Inf": return .double(.infinity)
        case "-.inf", "-.Inf": return .double(-.infinity)
        case ".nan", ".NaN": return .double(.nan)
        default: break
        }
        if let json = try? JSONValue(parsing: scalar.string), json.objectValue == nil, json.arrayValue == nil {
            return json
        }
        // `.5` and `5.` are numbers for everybody but JSON.
        let isDecimal = scalar.string.utf8.allSatisfy { (0x30...0x39).contains($0) || ".+-eE".utf8.contains($0) }
        if isDecimal, let number = Double(scalar.string) { return .double(number) }
        return .string(scalar.string)
    }
}
