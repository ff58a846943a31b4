/// The members of a JSON object in the order in which they were written, keys distinct (by their bytes).
///
/// Looking a key up walks the members: right for the few that metrics, params and manifests have, wrong for a
/// dictionary of thousands.
public struct JSONObject: Hashable, Sendable {
    /// One key with its value.
    public struct Member: Hashable, Sendable {
        /// The key, distinct within its object.
        public let key: String
        /// What it stands for.
        public var value: JSONValue

        /// A member of these two.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in order.
    public private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// Takes members whose keys may repeat: the last value of a key counts, at the place of its first.
    package init(merging all: [Member]) {
        if all.count <= 8 {
            for member in all { self[member.key] = member.value }
            return
        }
        // A dictionary, because a hostile object of many members must not take quadratic time.
        var places = [ExactText: Int](minimumCapacity: all.count)
        members.reserveCapacity(all.count)
        for member in all {
            if let place = places[ExactText(member.key)] {
                members[place].value = member.value
            } else {
                places[ExactText(member.key)] = members.count
                members.append(member)
            }
        }
    }

    /// The value of a key. Setting appends a member, or replaces the value where it stands; nil removes.
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key.hasSameBytes(as: key) }?.value }
        set {
            let place = members.firstIndex { $0.key.hasSameBytes(as: key) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The number of members.
    public var count: Int { members.count }
    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }
}
