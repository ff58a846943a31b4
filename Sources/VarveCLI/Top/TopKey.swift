/// A key as a terminal sends it.
enum TopKey: Hashable {
    case character(Character)
    case enter, escape, backspace
    case up, down, pageUp, pageDown, home, end, left, right

    /// The keys that some bytes mean; sequences that aren't known mean nothing.
    static func keys(_ bytes: [UInt8]) -> [TopKey] {
        var keys: [TopKey] = []
        var rest = bytes[...]
        while let first = rest.first {
            rest.removeFirst()
            switch first {
            case 0x1B:
                guard let next = rest.first, next == UInt8(ascii: "[") || next == UInt8(ascii: "O") else {
                    keys.append(.escape)
                    continue
                }
                rest.removeFirst()
                let parameters = rest.prefix { (0x20..<0x40).contains($0) }
                rest = rest.dropFirst(parameters.count)
                guard let last = rest.popFirst() else { continue }
                if let key = sequence(parameters, last) { keys.append(key) }
            case 0x0A, 0x0D: keys.append(.enter)
            case 0x08, 0x7F: keys.append(.backspace)
            case 0..<0x20: continue
            default:
                // The rest of a character that takes several bytes.
                let more = first < 0x80 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
                let tail = rest.prefix(more)
                rest = rest.dropFirst(tail.count)
                let text = String(decoding: [first] + tail, as: UTF8.self)
                if let character = text.first { keys.append(.character(character)) }
            }
        }
        return keys
    }

    private static func sequence(_ parameters: ArraySlice<UInt8>, _ last: UInt8) -> TopKey? {
        switch (last, parameters.first) {
        case (UInt8(ascii: "A"), _): .up
        case (UInt8(ascii: "B"), _): .down
        case (UInt8(ascii: "C"), _): .right
        case (UInt8(ascii: "D"), _): .left
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), UInt8(ascii: "1")): .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), UInt8(ascii: "4")): .end
        case (UInt8(ascii: "~"), UInt8(ascii: "5")): .pageUp
        case (UInt8(ascii: "~"), UInt8(ascii: "6")): .pageDown
        default: nil
        }
    }
}
