/// What the words of a column are, which says which encodings are worth a trial. Reading doesn't need it.
package enum ColumnKind: Sendable, Hashable {
    /// `Int64` or `UInt64`.
    case integers
    /// Bit patterns of binary64.
    case doubles
}

/// How hard an encoder looks for the smallest form.
package enum ColumnEffort: Sendable, Hashable {
    /// Fast: one of two forms, chosen on a sample. For a writer's drain.
    case log
    /// The smallest of the likely forms, each tried on the whole column. For compaction.
    case index
    /// The smallest of the forms of which some words can be decoded without the rest. For pages of many short slices.
    case parts
}

/// The first half of byte 0 of a column: how integers t become words (Format.md, section 4).
package enum TransformCode: UInt8, Sendable, CaseIterable {
    case bits = 0
    case ordered = 1
    case float = 2
    case whole = 3
    case quotient = 4
    case quotientFloat = 5
    case scaled = 6
    case near = 7
    case printed = 8
    case rounded = 9

    /// Whether the parameters hold words that the transform can't express.
    package var hasExceptions: Bool {
        switch self {
        case .bits, .scaled: false
        case .ordered, .float, .whole, .quotient, .quotientFloat, .near, .printed, .rounded: true
        }
    }

    /// The most bits that the parameters may hold a number of, if they hold one.
    package var mostBits: Int? {
        switch self {
        case .near: ColumnTransform.maxNearBits
        case .rounded: ColumnTransform.maxRoundedBits
        case .bits, .ordered, .float, .whole, .quotient, .quotientFloat, .scaled, .printed: nil
        }
    }

    /// Whether the parameters hold a divisor.
    package var hasDivisor: Bool {
        switch self {
        case .bits, .ordered, .float, .printed, .rounded: false
        case .whole, .quotient, .quotientFloat, .scaled, .near: true
        }
    }
}

/// A transform with its parameters, but for the exceptions.
package struct ColumnTransform: Sendable, Hashable {
    package var code: TransformCode
    /// At least 1; 1 where the transform has none.
    package var divisor: UInt64
    /// What `scaled` adds; of `near`, the bits of the distance, of `rounded`, those that are left out. 0 where the transform has
    /// neither.
    package var base: UInt64

    /// The most bits that `near` has for the distance.
    package static let maxNearBits = 16

    /// The most bits that `rounded` leaves out.
    package static let maxRoundedBits = 63

    package init(_ code: TransformCode, divisor: UInt64 = 1, base: UInt64 = 0) {
        self.code = code
        self.divisor = divisor
        self.base = base
    }
}

/// Byte 1 of a column: how the differences are stored.
package enum BodyCode: UInt8, Sendable, CaseIterable {
    case constant = 0
    case packed = 1
    case dictionary = 2
    case split = 3
    case planes = 4
    case raw = 5
    case trimmed = 6
    case bins = 7
}

/// The three choices that make a column.
package struct ColumnEncoding: Sendable, Hashable {
    package var transform: ColumnTransform
    /// How often differences are taken: 0 to ``maxOrder``.
    package var order: Int
    package var body: BodyCode

    package static let maxOrder = 7

    /// Whether some words can be decoded without the rest, a block of bins at most.
    var hasParts: Bool {
        switch body {
        case .constant, .bins: order <= 1
        case .packed, .raw: order == 0
        case .dictionary, .split, .planes, .trimmed: false
        }
    }

    package init(_ transform: ColumnTransform, order: Int, body: BodyCode) {
        self.transform = transform
        self.order = order
        self.body = body
    }
}
