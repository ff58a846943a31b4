import VarveFormat

extension PropertyValue {
    /// Nested values as properties with dotted keys; lists, and empty objects, stay JSON texts.
    package static func flatten(_ json: JSONValue, under key: String) -> Properties {
        var result = Properties()
        var open = [(key, json)]
        while let (key, json) = open.popLast() {
            switch json {
            case .null: result[key] = .null
            case .bool(let flag): result[key] = .bool(flag)
            case .int(let number): result[key] = .int(number)
            case .double(let number): result[key] = .double(number)
            case .string(let text): result[key] = .string(text)
            case .array: result[key] = .json("\(json)")
            case .object(let object):
                if object.isEmpty { result[key] = .json("{}") }
                for member in object.members { open.append(("\(key).\(member.key)", member.value)) }
            }
        }
        return result
    }
}
