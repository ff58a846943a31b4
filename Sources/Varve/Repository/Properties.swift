import VarveFormat

/// Properties by key: a dictionary whose keys are told apart by their bytes.
///
/// Swift takes two strings for equal that look the same, such as the two ways to spell é; in a repository they are two keys,
/// and each has its value. A dictionary literal makes one.
public struct Properties: Sendable {
    private var values: [ExactText: PropertyValue] = [:]

    /// None.
    public init() {}

    /// Those of a dictionary.
    public init(_ values: [String: PropertyValue]) {
        self.values.reserveCapacity(values.count)
        for (key, value) in values { self.values[ExactText(key)] = value }
    }

    /// Those of pairs; of a key that comes twice the last value counts.
    public init(_ pairs: some Sequence<(String, PropertyValue)>) {
        for (key, value) in pairs { values[ExactText(key)] = value }
    }

    /// The value of a key; nil removes it.
    public subscript(key: String) -> PropertyValue? {
        get { values[ExactText(key)] }
        set { values[ExactText(key)] = newValue }
    }

    /// The number of keys.
    public var count: Int { values.count }
    /// Whether there are none.
    public var isEmpty: Bool { values.isEmpty }
    /// The keys, in the order of their bytes.
    public var keys: [String] { values.keys.sorted().map(\.text) }

    /// Those for which `isIncluded` holds.
    public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> Properties {
        var result = Properties()
        result.values = try values.filter { try isIncluded((key: $0.key.text, value: $0.value)) }
        return result
    }

    /// Those whose keys begin with the bytes of `prefix`, without it.
    func group(_ prefix: String) -> Properties {
        var result = Properties()
        for (key, value) in values where key.text.beginsWithBytes(of: prefix) {
            result[key.text.droppingBytes(prefix.utf8.count)] = value
        }
        return result
    }
}

extension Properties: Hashable {}

extension Properties: ExpressibleByDictionaryLiteral {
    /// Of a key that comes twice the last value counts.
    public init(dictionaryLiteral elements: (String, PropertyValue)...) { self.init(elements) }
}

extension Properties: Sequence {
    /// Goes through keys and values, in no particular order.
    public func makeIterator() -> Iterator { Iterator(left: values.makeIterator()) }

    /// Goes through keys and values.
    public struct Iterator: IteratorProtocol {
        fileprivate var left: Dictionary<ExactText, PropertyValue>.Iterator

        /// The next pair; nil after the last one.
        public mutating func next() -> (key: String, value: PropertyValue)? {
            left.next().map { ($0.key.text, $0.value) }
        }
    }
}

extension Properties: CustomStringConvertible {
    /// As a dictionary's, in the order of the keys.
    public var description: String {
        isEmpty ? "[:]" : "[\(keys.map { "\"\($0)\": \(self[$0].map { "\($0)" } ?? "")" }.joined(separator: ", "))]"
    }
}
