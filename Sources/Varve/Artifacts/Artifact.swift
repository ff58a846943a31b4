import VarveFormat

/// A file that belongs to a run.
public struct Artifact: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// Its version, if it has one.
    public var version: String
    /// The step it was logged at.
    public var step: Int?
    /// What it was made from, or measured on; sorted by key.
    public var context: [MetricKey.ContextPair]
    /// Nanoseconds since 1970.
    public var time: Int64
    /// SHA-256 of its content, 64 hexadecimal digits.
    public var sha256: String
    /// Bytes of its content.
    public var size: Int
    /// Its media type, if one was given.
    public var mediaType: String
    /// Where the content is; nil if it is missing here.
    public var path: String?
    /// As it stands in the log.
    let entry: ArtifactEntry
}

extension [Artifact] {
    /// The one that a word means: `name` and `name:latest` the last one of that name, `name:v3` the last one with that version.
    ///
    /// A name may have a colon itself: all of the word is tried first.
    public func named(_ word: String) -> Artifact? {
        if let found = last(where: { $0.name.hasSameBytes(as: word) }) { return found }
        guard let colon = word.lastIndex(of: ":") else { return nil }
        let (name, version) = (String(word[..<colon]), String(word[word.index(after: colon)...]))
        return last { $0.name.hasSameBytes(as: name) && (version == "latest" || $0.version.hasSameBytes(as: version)) }
    }

    /// Those that stand below a folder's name, each name's last one.
    public func inFolder(_ name: String) -> [Artifact] {
        let prefix = name.hasSuffix("/") ? name : name + "/"
        return latest.filter { $0.name.beginsWithBytes(of: prefix) }
    }

    /// Of each name the last one, in the order of their first.
    public var latest: [Artifact] {
        var places: [ExactText: Int] = [:]
        var found: [Artifact] = []
        for artifact in self {
            if let place = places[ExactText(artifact.name)] {
                found[place] = artifact
            } else {
                places[ExactText(artifact.name)] = found.count
                found.append(artifact)
            }
        }
        return found
    }

    /// `v1`, `v2`, …: one more than the highest of that name.
    func nextVersion(of name: String) -> String {
        var highest = 0
        for artifact in self where artifact.name.hasSameBytes(as: name) && artifact.version.hasPrefix("v") {
            if let number = Int(artifact.version.dropFirst()), number < .max { highest = Swift.max(highest, number) }
        }
        return "v\(highest + 1)"
    }
}
