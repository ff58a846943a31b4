/// Writes the elements of an SVG file.
struct SVGWriter {
    private(set) var text = ""

    mutating func raw(_ text: String) { self.text += text }

    /// Text for an element or an attribute: no markup, and only characters that XML allows.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in PlainText.harmless(text).unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A length or place with one digit after the point; what lies far outside of every picture stays there.
    static func number(_ value: Double) -> String {
        let bounded = value.isNaN ? 0 : max(-100_000, min(100_000, value))
        let tenths = Int((bounded * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        let places = zip(["x1", "y1", "x2", "y2"], [x1, y1, x2, y2]).map { "\($0)=\"\(Self.number($1))\"" }
        raw("<line \(places.joined(separator: " ")) class=\"\(style)\"/>\n")
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ attributes: String
    ) {
        raw(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))\" "
                + "height=\"\(Self.number(max(0, height)))\" \(attributes)/>\n")
    }

    mutating func words(_ text: String, _ x: Double, _ y: Double, _ style: String, _ attributes: String = "") {
        guard !text.isEmpty else { return }
        raw(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" class=\"\(style)\"\(attributes.isEmpty ? "" : " ")"
                + "\(attributes)>\(Self.escaped(text))</text>\n")
    }

    /// A line through places; a single one becomes a dot.
    mutating func path(_ places: [(x: Double, y: Double)], _ style: String, closed: Bool = false) {
        guard let first = places.first else { return }
        var data = "M\(Self.number(first.x)) \(Self.number(first.y))"
        var last = data.dropFirst()
        var isDot = true
        for place in places.dropFirst() {
            let next = "\(Self.number(place.x)) \(Self.number(place.y))"
            // Places that round to the same one are written once.
            if next == last { continue }
            data += "L\(next)"
            last = Substring(next)
            isDot = false
        }
        if isDot { data += "h0" }
        raw("<path d=\"\(data)\(closed ? "Z" : "")\" class=\"\(style)\"/>\n")
    }
}

/// How wide text will be in a sans-serif font, which nobody knows for sure: rather too much than too little.
enum TextMeasure {
    static func width(_ text: String, size: Double) -> Double { text.reduce(0) { $0 + width($1) } * size }

    /// Of one character, for a size of 1.
    private static func width(_ character: Character) -> Double {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar {
        case "i", "j", "l", ".", ",", ":", ";", "'", "|", "!", "I": return 0.32
        case " ", "f", "t", "r", "(", ")", "[", "]", "{", "}", "-", "/": return 0.42
        case "m", "w", "M", "W", "@", "%": return 0.98
        case "A"..."Z", "=", "+", "<", ">", "~", "&": return 0.76
        default: return PlainText.isWide(scalar) ? 1.05 : 0.62
        }
    }

    /// At most so wide, with an ellipsis where something was cut off.
    static func clipped(_ text: String, to room: Double, size: Double) -> String {
        var used = 0.0
        // As much of it as fits with an ellipsis behind it.
        var kept = text.startIndex
        for index in text.indices {
            used += width(text[index]) * size
            if used + width("…") * size <= room { kept = text.index(after: index) }
            if used > room { return text[..<kept] + "…" }
        }
        return text
    }
}
