/// What is measured, and where: the name of a metric and its context, such as `loss` with `subset: val`.
///
/// Names are compared byte by byte, not as Swift compares strings: two spellings of an accented letter are two metrics.
public struct MetricKey: Sendable {
    /// The metric's name, at most 1,024 bytes of UTF-8.
    public let name: String
    /// The context's pairs, sorted by key (bytewise), keys distinct.
    public let context: [ContextPair]

    /// One pair of a context.
    public struct ContextPair: Sendable {
        /// The pair's name, such as `subset`.
        public let key: String
        /// Its value, such as `val`.
        public let value: String

        /// A pair of these two.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A metric with this name and context.
    public init(_ name: String, context: [String: String] = [:]) {
        self.name = name
        self.context = context.map { ContextPair(key: $0.key, value: $0.value) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    package init(name: String, sortedContext: [ContextPair]) {
        self.name = name
        context = sortedContext
    }

    /// Whether the name is this one, by its bytes.
    public func isNamed(_ name: String) -> Bool { self.name.hasSameBytes(as: name) }

    /// Whether the context has all of these pairs, by their bytes.
    package func has(_ pairs: [String: String]) -> Bool {
        pairs.allSatisfy { pair in self[pair.key].map { $0.hasSameBytes(as: pair.value) } ?? false }
    }

    /// The context's value for `key`, if it has one.
    public subscript(key: String) -> String? { context.first { $0.key.hasSameBytes(as: key) }?.value }
}

extension MetricKey: Hashable {
    /// Equal if all bytes of name and context are.
    public static func == (a: MetricKey, b: MetricKey) -> Bool {
        a.name.hasSameBytes(as: b.name) && a.context == b.context
    }

    /// Hashes the bytes of name and context.
    public func hash(into hasher: inout Hasher) {
        name.hashBytes(into: &hasher)
        hasher.combine(context)
    }
}

extension MetricKey.ContextPair: Hashable {
    /// Equal if all bytes of key and value are.
    public static func == (a: Self, b: Self) -> Bool {
        a.key.hasSameBytes(as: b.key) && a.value.hasSameBytes(as: b.value)
    }

    /// Hashes the bytes of key and value.
    public func hash(into hasher: inout Hasher) {
        key.hashBytes(into: &hasher)
        value.hashBytes(into: &hasher)
    }
}

extension MetricKey: Comparable {
    /// Orders by name, then by the context's pairs, all bytewise.
    public static func < (a: MetricKey, b: MetricKey) -> Bool {
        if !a.name.hasSameBytes(as: b.name) { return a.name.utf8.lexicographicallyPrecedes(b.name.utf8) }
        for (x, y) in zip(a.context, b.context) {
            if !x.key.hasSameBytes(as: y.key) { return x.key.utf8.lexicographicallyPrecedes(y.key.utf8) }
            if !x.value.hasSameBytes(as: y.value) { return x.value.utf8.lexicographicallyPrecedes(y.value.utf8) }
        }
        return a.context.count < b.context.count
    }
}

extension MetricKey: CustomStringConvertible {
    /// The name, and the context in braces where there is one: `loss {subset=val}`.
    public var description: String {
        context.isEmpty ? name : "\(name) {\(context.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))}"
    }
}

extension ByteWriter {
    package mutating func metric(_ metric: MetricKey) {
        string(metric.name)
        context(metric.context)
    }

    /// - Parameter pairs: sorted by key.
    package mutating func context(_ pairs: [MetricKey.ContextPair]) {
        varint(pairs.count)
        for pair in pairs {
            string(pair.key)
            string(pair.value)
        }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func metric() throws(FormatError) -> MetricKey {
        let name = try string("the name of a metric", cap: FormatConstants.maxNameBytes)
        return MetricKey(name: name, sortedContext: try context())
    }

    @_lifetime(self: copy self)
    package mutating func context() throws(FormatError) -> [MetricKey.ContextPair] {
        let pairs = try count("the pairs of a context", cap: FormatConstants.maxContextPairs)
        var context: [MetricKey.ContextPair] = []
        context.reserveCapacity(pairs)
        for _ in 0..<pairs {
            let start = offset
            let key = try string("the key of a context", cap: FormatConstants.maxNameBytes)
            let value = try string("the value of a context", cap: FormatConstants.maxNameBytes)
            if let last = context.last, !last.key.utf8.lexicographicallyPrecedes(key.utf8) {
                throw FormatError(.corrupt, at: start, expected: "the keys of a context in order", found: key)
            }
            context.append(MetricKey.ContextPair(key: key, value: value))
        }
        return context
    }
}
