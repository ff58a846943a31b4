import Varve

/// The lines of a YAML mapping of plain values: text in double quotes, so that nothing is taken for a number.
enum YAMLLines {
    static func text(_ pairs: [(key: String, value: JSONValue)]) -> String {
        pairs.map { "\($0.key): \(text($0.value))\n" }.joined()
    }

    private static func text(_ value: JSONValue) -> String {
        guard case .string(let string) = value else { return value.text }
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default:
                // What YAML doesn't take as it is: control characters, line separators, byte order marks, noncharacters.
                let number = scalar.value
                let isPlain =
                    (0x20...0x7E).contains(number)
                    || (0xA0...0xD7FF).contains(number) && !(0x2028...0x2029).contains(number)
                    || (0xE000...0xFFFD).contains(number) && number != 0xFEFF || number >= 0x10000
                if isPlain {
                    text.unicodeScalars.append(scalar)
                } else {
                    let digits = String(number, radix: 16)
                    text += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                }
            }
        }
        return text + "\""
    }
}
