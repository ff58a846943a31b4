import Varve

/// The line that stands before a run's points in an exported JSON Lines file: what the points don't say.
///
///     {"run": id, "name": "…", "properties": {"params.lr": 0.1, …}}
///
/// What JSON can't say is an object with one key: `{"json": "[1]"}` for a property that holds a JSON document,
/// `{"double": "NaN"}` for a number that isn't finite.
package struct RunLine {
    static let keys = ["run", "name", "properties"]

    var run: String
    /// The name is among them.
    var properties: [(key: String, value: PropertyValue)]

    package init(run: String, properties: [(key: String, value: PropertyValue)]) {
        self.run = run
        self.properties = properties
    }

    /// Reads a line; nil if it is none of these.
    init?(_ object: JSONObject) {
        guard object.members.map(\.key) == Self.keys, let run = object["run"]?.stringValue,
            let members = object["properties"]?.objectValue?.members
        else { return nil }
        self.run = run
        properties = []
        if let name = object["name"]?.stringValue { properties.append(("name", .string(name))) }
        for member in members {
            let value: PropertyValue =
                if let text = member.value["json"]?.stringValue {
                    .json(text)
                } else if let text = member.value["double"]?.stringValue, case .number(let number, _) = CellValue(text)
                {
                    .double(number)
                } else {
                    PropertyValue(member.value)
                }
            properties.append((member.key, value))
        }
    }

    /// The line's object.
    package var object: JSONValue {
        var members = JSONObject()
        var name = JSONValue.null
        for (key, value) in properties {
            let json: JSONValue
            switch value {
            case .absent: continue
            case .null: json = .null
            case .bool(let flag): json = .bool(flag)
            case .int(let number): json = .int(number)
            case .double(let number): json = number.isFinite ? .double(number) : ["double": .double(number)]
            case .string(let text): json = .string(text)
            case .json(let text): json = ["json": .string(text)]
            }
            if key == "name" { name = json } else { members[key] = json }
        }
        return ["run": .string(run), "name": name, "properties": .object(members)]
    }
}
