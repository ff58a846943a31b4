/// A typed value of a property: a param, a tag, a single value, a name, a note or a status.
///
/// `nil` is no literal of it: in a dictionary's subscript or a `compactMap` it would silently mean `null`.
public enum PropertyValue: Hashable, Sendable {
    /// Deletes the property.
    case absent
    /// Set, and set to nothing, as Python's `None`.
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    /// A list or another nested value, as the text of a JSON document.
    case json(String)
}

extension PropertyValue {
    package static let absentCode: UInt8 = 0
    package static let nullCode: UInt8 = 1
    package static let boolCode: UInt8 = 2
    package static let intCode: UInt8 = 3
    package static let doubleCode: UInt8 = 4
    package static let stringCode: UInt8 = 5
    package static let jsonCode: UInt8 = 6

    /// The type's number on disk.
    package var code: UInt8 {
        switch self {
        case .absent: Self.absentCode
        case .null: Self.nullCode
        case .bool: Self.boolCode
        case .int: Self.intCode
        case .double: Self.doubleCode
        case .string: Self.stringCode
        case .json: Self.jsonCode
        }
    }
}

extension PropertyValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    /// `true` and `false` are booleans.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Whole literals are integers.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// Literals with a point are doubles.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Quoted literals are strings.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension ByteWriter {
    package mutating func value(_ value: PropertyValue) {
        u8(value.code)
        switch value {
        case .absent, .null: break
        case .bool(let flag): u8(flag ? 1 : 0)
        case .int(let number): zigzag(number)
        case .double(let number): double(number)
        case .string(let text), .json(let text): string(text)
        }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func value() throws(FormatError) -> PropertyValue {
        let start = offset
        let code = try u8("the type of a value")
        switch code {
        case PropertyValue.absentCode: return .absent
        case PropertyValue.nullCode: return .null
        case PropertyValue.boolCode:
            let flag = try u8("a boolean")
            guard flag <= 1 else {
                throw FormatError(.corrupt, at: start + 1, expected: "0 or 1 for a boolean", found: "\(flag)")
            }
            return .bool(flag == 1)
        case PropertyValue.intCode: return .int(try zigzag("an integer value"))
        case PropertyValue.doubleCode: return .double(try double("a double value"))
        case PropertyValue.stringCode:
            return .string(try string("a text value", cap: FormatConstants.maxPropertyBytes))
        case PropertyValue.jsonCode:
            return .json(try string("a JSON value", cap: FormatConstants.maxPropertyBytes))
        default:
            throw FormatError(.corrupt, at: start, expected: "a type of value from 0 to 6", found: "\(code)")
        }
    }
}
