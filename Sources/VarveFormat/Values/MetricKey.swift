/// What is measured, and where: the name of a metric and its context, such as `loss` with `subset: val`.
public struct MetricKey: Hashable, Sendable {
    /// The metric's name, at most 1,024 bytes of UTF-8.
    public let name: String
    /// The context's pairs, sorted by key (bytewise), keys distinct.
    public let context: [ContextPair]

    /// One pair of a context.
    public struct ContextPair: Hashable, Sendable {
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

    /// The context's value for `key`, if it has one.
    public subscript(key: String) -> String? { context.first { $0.key == key }?.value }
}

extension MetricKey: Comparable {
    /// Orders by name, then by the context's pairs, all bytewise.
    public static func < (a: MetricKey, b: MetricKey) -> Bool {
        if a.name != b.name { return a.name.utf8.lexicographicallyPrecedes(b.name.utf8) }
        for (x, y) in zip(a.context, b.context) {
            if x.key != y.key { return x.key.utf8.lexicographicallyPrecedes(y.key.utf8) }
            if x.value != y.value { return x.value.utf8.lexicographicallyPrecedes(y.value.utf8) }
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
        varint(metric.context.count)
        for pair in metric.context {
            string(pair.key)
            string(pair.value)
        }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func metric() throws(FormatError) -> MetricKey {
        let name = try string("the name of a metric", cap: FormatConstants.maxNameBytes)
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
        return MetricKey(name: name, sortedContext: context)
    }
}
