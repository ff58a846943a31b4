import ArgumentParser
import Varve

/// `KEY=VALUE`.
struct KeyValue: ExpressibleByArgument, Hashable, Sendable {
    var key: String
    var value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }

    /// The value with the type that it looks like: integer, number, boolean, JSON list or object; text in double quotes and
    /// everything else is text.
    var typed: PropertyValue {
        if value == "true" || value == "false" { return .bool(value == "true") }
        if let number = DecimalNumber(value.utf8Span.span.bytes) {
            return number.exactInteger.map { .int($0) } ?? .double(number.value)
        }
        switch value {
        case "nan", "NaN": return .double(.nan)
        case "inf", "Infinity", "+inf": return .double(.infinity)
        case "-inf", "-Infinity": return .double(-.infinity)
        default: break
        }
        if let first = value.first, first == "[" || first == "{" || first == "\"",
            let json = try? JSONValue(parsing: value)
        {
            return json.stringValue.map { .string($0) } ?? .json(value)
        }
        return .string(value)
    }
}

extension [KeyValue] {
    /// As a dictionary; of a key that comes twice the last value counts.
    var dictionary: [String: String] { Dictionary(map { ($0.key, $0.value) }) { $1 } }
}

/// `A..B`, `A..`, `..B` or `A`: both ends included.
struct StepRange: ExpressibleByArgument, Hashable, Sendable {
    var range: ClosedRange<Int>

    init?(argument: String) {
        let ends = Self.ends(of: argument)
        guard let ends, let lower = ends.0.isEmpty ? .min : Int(ends.0),
            let upper = ends.1.isEmpty ? .max : Int(ends.1),
            lower <= upper
        else { return nil }
        range = lower...upper
    }

    private static func ends(of text: String) -> (String, String)? {
        let bytes = Array(text.utf8)
        let dots = bytes.indices.dropLast().first {
            bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".")
        }
        guard let dots else { return text.isEmpty ? nil : (text, text) }
        let ends = (
            String(decoding: bytes[..<dots], as: UTF8.self), String(decoding: bytes[(dots + 2)...], as: UTF8.self)
        )
        return ends.0.isEmpty && ends.1.isEmpty ? nil : ends
    }
}
