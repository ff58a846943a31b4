/// A JSON document, or a part of one.
///
/// Two departures from RFC 8259, both for the sake of what trainings log: `NaN`, `Infinity` and `-Infinity` are read as
/// doubles, as Python writes them; and they are written as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, which
/// any
/// reader of JSON takes.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits; `-0` is a double, so that its sign survives.
    case int(Int64)
    /// Any other number, rounded to the nearest double (beyond the largest one: infinite).
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The member of an object with this key; nil if there is none, or if this isn't an object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The text of a string.
    public var stringValue: String? { if case .string(let text) = self { text } else { nil } }

    /// The value of an integer.
    public var intValue: Int64? { if case .int(let number) = self { number } else { nil } }

    /// The value of a boolean.
    public var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The value of any number; an integer beyond 2⁵³ is rounded.
    public var doubleValue: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The elements of an array.
    public var arrayValue: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object.
    public var objectValue: JSONObject? { if case .object(let object) = self { object } else { nil } }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is null.
    public init(nilLiteral: ()) { self = .null }
    /// `true` and `false` are booleans.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Whole literals are integers.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// Literals with a point are doubles.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Quoted literals are strings.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Literals in brackets are arrays.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Literals with keys are objects, in the order of writing; of a key that comes twice the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
