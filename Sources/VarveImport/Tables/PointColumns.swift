import Varve

/// The one table that Varve writes itself: a row a point, with these columns, or keys, in this order.
package enum PointColumns {
    package static let names = ["run", "metric", "context", "step", "time", "value"]
    /// What stands behind them where points are shown that a resume took back.
    package static let attempt = "attempt"

    /// Whether a table has these columns.
    static func are(_ found: [String]) -> Bool { found == names || found == names + [attempt] }

    /// A context as a cell: `k=v;k=v`, with a backslash before `=`, `;` and backslashes that belong to a key or value.
    package static func text(_ context: [MetricKey.ContextPair]) -> String {
        context.map { escaped($0.key) + "=" + escaped($0.value) }.joined(separator: ";")
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "=" || scalar == ";" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// Reads a cell that ``text(_:)`` wrote; nil for anything else.
    static func context(_ text: String) -> [String: String]? {
        var context: [String: String] = [:]
        guard !text.isEmpty else { return context }
        var key: String?
        var part = ""
        var isEscaped = false
        func finish() -> Bool {
            guard let known = key, context[known] == nil else { return false }
            context[known] = part
            (key, part) = (nil, "")
            return true
        }
        for scalar in text.unicodeScalars {
            if isEscaped || scalar != "\\" && scalar != "=" && scalar != ";" {
                part.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "=" {
                guard key == nil else { return nil }
                (key, part) = (part, "")
            } else {
                guard finish() else { return nil }
            }
        }
        return !isEscaped && finish() ? context : nil
    }
}
