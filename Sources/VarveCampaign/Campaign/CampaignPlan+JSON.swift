import Varve
import VarveYAML

extension CampaignPlan {
    /// Reads a plan from JSON or YAML:
    ///
    /// ```yaml
    /// campaign_id: augmentations
    /// axes:
    ///   aug_name: [none, rotate]
    ///   seed: [1, 2, 3]
    /// params: {epochs: 50}
    /// exclude: [{aug_name: none, seed: 3}]
    /// command: [python, train.py, --seed, "{seed}", --aug, "{aug_name}"]
    /// ```
    ///
    /// Only `axes` must be there. A command that is one text is given to a shell.
    ///
    /// - Parameters:
    ///   - id: the campaign's ID where the text has none.
    ///   - axes: further axes; one that the text has, too, takes its place.
    public init(parsing text: String, id: String, adding axes: [Axis] = []) throws(VarveError) {
        let isJSON = text.first { !$0.isWhitespace } == "{"
        let json: JSONValue
        if isJSON, let value = try? JSONValue(parsing: text) {
            json = value
        } else {
            json = try YAMLText.json(text, "the plan")
        }
        try self.init(json: json, id: id, adding: axes)
    }

    init(json: JSONValue, id: String, adding added: [Axis] = []) throws(VarveError) {
        guard let object = json.objectValue else { throw Self.misfit("a plan", "an object with axes") }
        let known = ["campaign_id", "axes", "params", "exclude", "command"]
        for member in object.members where !known.contains(member.key) {
            let nearest = nearestName(to: member.key, among: known)
            throw VarveError(
                .invalid, "a plan has no '\(member.key)'",
                remedy: nearest.map { "did you mean '\($0)'?" } ?? "there are \(known.joined(separator: ", "))")
        }
        guard let axes = json["axes"]?.objectValue ?? (added.isEmpty ? nil : JSONObject()) else {
            throw Self.misfit("axes", "names with lists of values")
        }
        var list: [Axis] = []
        for member in axes.members {
            guard let values = member.value.arrayValue else { throw Self.misfit("the axis \(member.key)", "a list") }
            list.append(Axis(member.key, values.map { PropertyValue(planned: $0) }))
        }
        for axis in added {
            if let place = list.firstIndex(where: { $0.name == axis.name }) {
                list[place] = axis
            } else {
                list.append(axis)
            }
        }
        var exclude: [[String: PropertyValue]] = []
        for entry in json["exclude"]?.arrayValue ?? [] { exclude.append(try Self.pairs(entry, "what is excluded")) }
        try self.init(
            id: json["campaign_id"].map { PropertyValue(planned: $0).plainText } ?? id, axes: list,
            params: try json["params"].map { value throws(VarveError) in try Self.pairs(value, "params") } ?? [:],
            exclude: exclude, command: try Self.command(json["command"]))
    }

    private static func pairs(_ value: JSONValue, _ what: String) throws(VarveError) -> [String: PropertyValue] {
        guard let object = value.objectValue else { throw misfit(what, "names with values") }
        return Dictionary(object.members.map { ($0.key, PropertyValue(planned: $0.value)) }) { $1 }
    }

    private static func command(_ value: JSONValue?) throws(VarveError) -> [String] {
        switch value {
        case nil, .null: return []
        case .string(let text): return ["/bin/sh", "-c", text]
        case .array(let words):
            if words.isEmpty { return [] }
            let texts = words.map { PropertyValue(planned: $0).plainText }
            guard texts.first?.isEmpty == false else { throw misfit("the command", "a program first") }
            return texts
        default: throw misfit("the command", "a list of words, or a text for a shell")
        }
    }

    private static func misfit(_ what: String, _ expected: String) -> VarveError {
        VarveError(.invalid, "\(what) of a plan can't be read", expected: expected)
    }

    /// The JSON that reads back as this plan.
    public var json: JSONValue {
        func object(_ pairs: [String: PropertyValue]) -> JSONValue {
            var object = JSONObject()
            for key in pairs.keys.sorted() { object[key] = pairs[key]?.planned }
            return .object(object)
        }
        var list = JSONObject()
        for axis in axes { list[axis.name] = .array(axis.values.map(\.planned)) }
        return [
            "campaign_id": .string(id), "axes": .object(list), "params": object(params),
            "exclude": .array(exclude.map(object)), "command": .array(command.map { .string($0) }),
        ]
    }
}

extension PropertyValue {
    /// A value of a plan; lists and objects are kept as their text.
    public init(planned json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array, .object: self = .json("\(json)")
        }
    }

    /// The value as a plan has it, and as a command gets it.
    var planned: JSONValue {
        switch self {
        case .absent, .null: .null
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .json(let text): (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }

    /// The value as an argument of a command.
    public var plainText: String {
        switch self {
        case .absent: ""
        case .null: "none"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): "\(number)"
        case .string(let text), .json(let text): text
        }
    }
}
