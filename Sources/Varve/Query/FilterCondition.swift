/// What a filter says, parsed and checked: a tree of conditions on the properties of a run, and on its metrics.
///
/// Further forms, such as arithmetic, become further cases of ``FilterOperand`` and ``FilterCondition``; everything that
/// evaluates switches over all of them.
indirect enum FilterCondition: Hashable, Sendable {
    case all([FilterCondition])
    case any([FilterCondition])
    case not(FilterCondition)
    case compare(FilterOperand, FilterComparison, FilterOperand)
    /// The operand equals one of these.
    case oneOf(FilterOperand, Set<FilterKey>)
    /// A test of the first operand's text with the second's.
    case text(FilterOperand, FilterTextTest, FilterOperand)
    /// The operand is a text in which the pattern is found.
    case matches(FilterOperand, TextPattern)
    /// The property is the boolean true.
    case isTrue(String)
}

/// One side of a comparison.
enum FilterOperand: Hashable, Sendable {
    case literal(PropertyValue)
    /// A property by its full key, such as `params.lr`.
    case property(String)
    /// Something of each of the run's metrics: the condition then is one on pairs of a run and a metric.
    case metric(MetricPart)
    /// A figure of one metric of the run.
    case series(MetricSelector, MetricFigure)
}

extension FilterCondition {
    /// The operands, from left to right.
    var operands: [FilterOperand] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.operands)
        case .not(let part): part.operands
        case .compare(let a, _, let b), .text(let a, _, let b): [a, b]
        case .oneOf(let operand, _), .matches(let operand, _): [operand]
        case .isTrue(let key): [.property(key)]
        }
    }

    /// The condition with other operands.
    func replacing(_ replacement: (FilterOperand) -> FilterOperand) -> FilterCondition {
        switch self {
        case .all(let parts): .all(parts.map { $0.replacing(replacement) })
        case .any(let parts): .any(parts.map { $0.replacing(replacement) })
        case .not(let part): .not(part.replacing(replacement))
        case .compare(let a, let sign, let b): .compare(replacement(a), sign, replacement(b))
        case .text(let a, let test, let b): .text(replacement(a), test, replacement(b))
        case .oneOf(let operand, let keys): .oneOf(replacement(operand), keys)
        case .matches(let operand, let pattern): .matches(replacement(operand), pattern)
        case .isTrue: self
        }
    }
}

enum FilterComparison: String, Hashable, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

enum FilterTextTest: String, Hashable, Sendable, CaseIterable {
    case startsWith = "startswith"
    case endsWith = "endswith"
    case contains

    /// Whether `text` passes the test with `part`. Characters compare by their bytes.
    func holds(_ text: String, _ part: String) -> Bool {
        let text = text.utf8
        let part = part.utf8
        switch self {
        case .startsWith: return text.starts(with: part)
        case .endsWith: return text.suffix(part.count).elementsEqual(part)
        case .contains:
            if part.isEmpty { return true }
            var rest = text[...]
            while rest.count >= part.count {
                if rest.starts(with: part) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }
}

/// A value such that two of them are equal exactly if `==` holds between what they were made of.
struct FilterKey: Hashable, Sendable {
    private enum Form: Hashable, Sendable {
        case null
        case bool(Bool)
        case int(Int64)
        case double(UInt64)
        case string([UInt8])
    }
    private let form: Form

    /// Nil for what equals nothing: NaN, nested values, and properties that aren't there.
    init?(_ value: PropertyValue) {
        switch value {
        case .absent, .json: return nil
        case .null: form = .null
        case .bool(let flag): form = .bool(flag)
        case .int(let number): form = .int(number)
        case .double(let number):
            if number.isNaN { return nil }
            if let integer = Int64(exactly: number) { form = .int(integer) } else { form = .double(number.bitPattern) }
        case .string(let text): form = .string(Array(text.utf8))
        }
    }
}

extension FilterComparison {
    /// Whether `a` and `b` compare so. Integers and doubles compare exactly as numbers, text bytewise; NaN, values of
    /// different types, and what isn't there satisfy nothing, `!=` included.
    func holds(_ a: PropertyValue, _ b: PropertyValue) -> Bool {
        switch (a, b) {
        case (.int(let x), .int(let y)): return holds(x, y)
        case (.double(let x), .double(let y)): return x.isNaN || y.isNaN ? false : holds(x, y)
        case (.int(let x), .double(let y)): return Self.order(x, y).map { holds($0, 0) } ?? false
        case (.double(let x), .int(let y)): return Self.order(y, x).map { holds(0, $0) } ?? false
        case (.bool(let x), .bool(let y)): return holds(x ? 1 : 0, y ? 1 : 0)
        case (.string(let x), .string(let y)):
            if x.utf8.elementsEqual(y.utf8) { return holds(0, 0) }
            return x.utf8.lexicographicallyPrecedes(y.utf8) ? holds(-1, 0) : holds(1, 0)
        case (.null, .null): return self == .equal
        case (.null, .absent), (.absent, .null): return false
        case (.null, _), (_, .null): return self == .notEqual && a != .absent && b != .absent
        default: return false
        }
    }

    private func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
    }

    /// −1, 0 or 1 as the integer is below, equal to or above the double, without rounding either; nil for NaN.
    private static func order(_ integer: Int64, _ number: Double) -> Int? {
        if number.isNaN { return nil }
        if number >= 0x1p63 { return -1 }
        if number < -0x1p63 { return 1 }
        let whole = number.rounded(.down)
        let other = Int64(whole)
        if integer != other { return integer < other ? -1 : 1 }
        return number > whole ? -1 : 0
    }
}
