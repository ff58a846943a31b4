import Varve

/// Puts the events of one YAML document together, within limits of depth and size.
///
/// An alias counts as all that it stands for: what is nested a few times and referred to ten times each time would otherwise
/// be worth a billion values to whoever walks through it.
struct YAMLComposer: ~Copyable {
    private static let maxDepth = 32
    private static let maxNodes = 1 << 20

    /// What an anchor names.
    private struct Anchored {
        let value: JSONValue
        /// The text of a scalar: as a key it stands for itself, whatever it means as a value.
        let text: String?
        let nodes: Int
        /// Of the deepest path in it, itself included.
        let height: Int
    }

    private var events: YAMLEvents
    private let what: String
    private var nodesLeft = Self.maxNodes
    private var anchors: [String: Anchored] = [:]

    /// - Parameter what: what to call the text in errors.
    init(_ text: String, _ what: String) throws(VarveError) {
        events = try YAMLEvents(text, what)
        self.what = what
    }

    /// The text's only document.
    /// - Throws: `invalid` if it is no YAML, has no document or several, repeats a key, or has keys that are no texts;
    ///   `limit` if it is nested too deeply or too large.
    mutating func document() throws(VarveError) -> JSONValue {
        _ = try events.next()
        guard try events.next() == .documentStart else { throw VarveError(.invalid, "\(what) is empty") }
        let root = try node(try events.next(), depth: 0)
        _ = try events.next()
        guard try events.next() == .streamEnd else {
            throw VarveError(.invalid, "\(what) has more than one document")
        }
        return root.value
    }

    /// The node that begins with `event`.
    private mutating func node(_ event: YAMLEvent, depth: Int) throws(VarveError) -> Anchored {
        guard depth < Self.maxDepth else { throw VarveError(.limit, "\(what) is nested too deeply") }
        let before = nodesLeft
        try take(1)
        switch event {
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw VarveError(.invalid, "\(what) has an alias to '\(name)', which is nothing before it")
            }
            guard depth + anchored.height <= Self.maxDepth else {
                throw VarveError(.limit, "\(what) is nested too deeply")
            }
            try take(anchored.nodes - 1)
            return anchored
        case .scalar(let text, let isPlain, let anchor):
            let value = isPlain ? YAMLText.plain(text) : .string(text)
            return named(anchor, Anchored(value: value, text: text, nodes: 1, height: 1))
        case .sequenceStart(let anchor):
            var elements: [JSONValue] = []
            var height = 1
            while case let event = try events.next(), event != .sequenceEnd {
                let element = try node(event, depth: depth + 1)
                elements.append(element.value)
                height = max(height, 1 + element.height)
            }
            return named(
                anchor, Anchored(value: .array(elements), text: nil, nodes: before - nodesLeft, height: height))
        case .mappingStart(let anchor):
            var members: [JSONObject.Member] = []
            var height = 1
            while case let event = try events.next(), event != .mappingEnd {
                guard let key = try node(event, depth: depth + 1).text else {
                    throw VarveError(.invalid, "a name of \(what) is no text")
                }
                let value = try node(try events.next(), depth: depth + 1)
                members.append(JSONObject.Member(key: key, value: value.value))
                height = max(height, 1 + value.height)
            }
            let object = JSONObject(merging: members)
            guard object.members.count == members.count else { throw repeated(members) }
            return named(
                anchor, Anchored(value: .object(object), text: nil, nodes: before - nodesLeft, height: height))
        // libyaml gives these only where a node can't be.
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw VarveError(.invalid, "\(what) ends where a value is expected")
        }
    }

    private mutating func take(_ nodes: Int) throws(VarveError) {
        nodesLeft -= nodes
        guard nodesLeft > 0 else { throw VarveError(.limit, "\(what) is too large") }
    }

    private mutating func named(_ anchor: String?, _ node: Anchored) -> Anchored {
        if let anchor { anchors[anchor] = node }
        return node
    }

    private func repeated(_ members: [JSONObject.Member]) -> VarveError {
        var seen = Set<String>()
        let name = members.first { !seen.insert($0.key).inserted }?.key ?? ""
        return VarveError(.invalid, "\(what) has the name '\(name)' twice in one place")
    }
}
