import VarveFormat

/// Properties by key: a dictionary whose keys are told apart by their bytes.
///
/// Swift takes two strings for equal that look the same, such as the two ways to spell é; in a repository they are two keys,
/// and each has its value. A dictionary literal makes one.
public struct Properties: Sendable {
    /// As long as there are few: most runs have some, there are 10,000 runs, and comparing a few keys takes less than hashing one.
    private var few: [(key: ExactText, value: PropertyValue)] = []
    /// All of them, once there were more.
    private var many: [ExactText: PropertyValue] = [:]

    private static let mostFew = 16

    /// None.
    public init() {}

    /// Those of a dictionary.
    public init(_ values: [String: PropertyValue]) { self.init(values.lazy.map { ($0.key, $0.value) }) }

    /// Those of pairs; of a key that comes twice the last value counts.
    public init(_ pairs: some Sequence<(String, PropertyValue)>) {
        for (key, value) in pairs { self[key] = value }
    }

    /// The value of a key; nil removes it.
    public subscript(key: String) -> PropertyValue? {
        get {
            let key = ExactText(key)
            return many.isEmpty ? few.first { $0.key == key }?.value : many[key]
        }
        set {
            let key = ExactText(key)
            guard many.isEmpty else {
                many[key] = newValue
                return
            }
            switch (few.firstIndex { $0.key == key }, newValue) {
            case (let place?, let value?): few[place].value = value
            case (let place?, nil): few.remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Adds a key that isn't among the few.
    private mutating func append(_ key: ExactText, _ value: PropertyValue) {
        if few.count < Self.mostFew { return few.append((key, value)) }
        for pair in few { many[pair.key] = pair.value }
        many[key] = value
        few = []
    }

    /// The number of keys.
    public var count: Int { few.count + many.count }
    /// Whether there are none.
    public var isEmpty: Bool { few.isEmpty && many.isEmpty }
    /// The keys, in the order of their bytes.
    public var keys: [String] { map { ExactText($0.key) }.sorted().map(\.text) }

    /// What follows `prefix` in the keys that begin with its bytes, in the order of the bytes.
    func keys(under prefix: String) -> [String] {
        var keys: [ExactText] = []
        for (key, _) in self where key.beginsWithBytes(of: prefix) {
            keys.append(ExactText(key.droppingBytes(prefix.utf8.count)))
        }
        if keys.count > 1 { keys.sort() }
        return keys.map(\.text)
    }

    /// Those for which `isIncluded` holds.
    public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> Properties {
        var result = Properties()
        for pair in self where try isIncluded(pair) { result[pair.key] = pair.value }
        return result
    }

    /// Those whose keys begin with the bytes of `prefix`, without it.
    func group(_ prefix: String) -> Properties {
        var result = Properties()
        for (key, value) in self where key.beginsWithBytes(of: prefix) {
            result[key.droppingBytes(prefix.utf8.count)] = value
        }
        return result
    }
}

extension Properties: Hashable {
    /// The same keys with the same values, whatever their order.
    public static func == (a: Properties, b: Properties) -> Bool {
        a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
    }

    /// Mixes in all pairs so that their order doesn't matter.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in self {
            var pair = Hasher()
            pair.combine(ExactText(key))
            pair.combine(value)
            sum ^= pair.finalize()
        }
        hasher.combine(count)
        hasher.combine(sum)
    }
}

extension Properties: ExpressibleByDictionaryLiteral {
    /// Of a key that comes twice the last value counts.
    public init(dictionaryLiteral elements: (String, PropertyValue)...) { self.init(elements) }
}

extension Properties: Sequence {
    /// Goes through keys and values, in no particular order.
    public func makeIterator() -> Iterator { Iterator(few: few.makeIterator(), many: many.makeIterator()) }

    /// Goes through keys and values.
    public struct Iterator: IteratorProtocol {
        fileprivate var few: IndexingIterator<[(key: ExactText, value: PropertyValue)]>
        fileprivate var many: Dictionary<ExactText, PropertyValue>.Iterator

        /// The next pair; nil after the last one.
        public mutating func next() -> (key: String, value: PropertyValue)? {
            (few.next() ?? many.next()).map { ($0.key.text, $0.value) }
        }
    }
}

extension Properties: CustomStringConvertible {
    /// As a dictionary's, in the order of the keys.
    public var description: String {
        isEmpty ? "[:]" : "[\(keys.map { "\"\($0)\": \(self[$0].map { "\($0)" } ?? "")" }.joined(separator: ", "))]"
    }
}
