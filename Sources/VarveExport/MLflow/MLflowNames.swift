import Varve

/// Names of metrics, params or tags as MLflow takes them: each is the path of a file.
///
/// Allowed are letters and digits of any script, `_`, `.`, `-`, space, `:` (not on Windows: it becomes `_` here) and slashes between
/// parts that are neither empty nor `.` nor `..`, up to 250 characters. A name can't lead through another one: beside `a`
/// there can't be `a/b`.
struct MLflowNames {
    private var paths = DistinctPaths()
    private static let longest = 200

    /// The name that stands for `name`, which nothing else got.
    mutating func take(_ name: String) -> String { paths.take(Self.allowed(name)) }

    private static func allowed(_ name: String) -> String {
        var parts: [String] = []
        for part in name.clipped(toBytes: longest).unicodeScalars.split(
            separator: "/", omittingEmptySubsequences: false)
        {
            var scalars = String.UnicodeScalarView()
            for scalar in part { scalars.append(isAllowed(scalar) ? scalar : "_") }
            let text = String(scalars)
            parts.append(text.isEmpty || text == "." || text == ".." ? "_" : text)
        }
        return parts.joined(separator: "/")
    }

    /// What Python's `\w` takes, and the few others.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "_.- ".unicodeScalars.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }
}
