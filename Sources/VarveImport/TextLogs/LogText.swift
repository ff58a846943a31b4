import Varve

/// The bytes of a printed line, made plain.
enum LogText {
    /// What a terminal showed one after the other in a line: some progress bars write over what stood there by backspaces. Blanks
    /// show nothing.
    static func shown(_ line: RawSpan) -> [[UInt8]] {
        let plain = withoutEscapes(line)
        var shown: [[UInt8]] = []
        for part in plain.split(separator: backspace) {
            if part.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) || shown.last?.elementsEqual(part) == true { continue }
            shown.append(Array(part))
        }
        return shown
    }

    private static let backspace: UInt8 = 0x08

    /// Leaves out the sequences that colour a terminal's text (ECMA-48: ESC `[` … a letter).
    private static func withoutEscapes(_ line: RawSpan) -> [UInt8] {
        line.withUnsafeBytes { bytes in
            guard bytes.contains(0x1B) else { return Array(bytes) }
            var plain: [UInt8] = []
            var at = 0
            while at < bytes.count {
                if bytes[at] == 0x1B {
                    at += 1
                    guard at < bytes.count, bytes[at] == UInt8(ascii: "[") else { continue }
                    at += 1
                    while at < bytes.count, !(0x40...0x7E).contains(bytes[at]) { at += 1 }
                } else {
                    plain.append(bytes[at])
                }
                at += 1
            }
            return plain
        }
    }

    /// The date and time that a line begins with, within a bracket or not; they are blanked. What glog puts in front
    /// (`I0131 12:00:00.5 123 solver.cpp:239]`) has no year, and is blanked, too.
    static func takeTime(_ line: inout [UInt8]) -> Int64 {
        if let end = glogEnd(line) { line.replaceSubrange(..<end, with: repeatElement(0x20, count: end)) }
        guard let start = line.prefix(40).firstIndex(where: { (0x30...0x39).contains($0) }),
            line[..<start].allSatisfy({ $0 == 0x20 || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "(") })
        else { return WallTime.none }
        var text = Array(line[start...].prefix(10))
        guard text.count == 10, isSeparator(text[4]), text[7] == text[4], start + 10 < line.count,
            line[start + 10] == 0x20 || line[start + 10] == UInt8(ascii: "T")
        else { return WallTime.none }
        (text[4], text[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
        var end = start + 11
        while end < line.count, isClock(line[end]) { end += 1 }
        text += line[(start + 10)..<end].map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
        while let last = text.last, last == UInt8(ascii: ":") || last == UInt8(ascii: ".") { text.removeLast() }
        guard let time = TimeText.time(String(decoding: text, as: UTF8.self)) else { return WallTime.none }
        line.replaceSubrange(start..<end, with: repeatElement(0x20, count: end - start))
        return time
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") }

    private static func isClock(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || [":", ".", ",", "Z", "+"].contains { UInt8(ascii: $0) == byte }
    }

    private static func glogEnd(_ line: [UInt8]) -> Int? {
        guard line.count > 5, [UInt8]("IWEF".utf8).contains(line[0]),
            line[1..<5].allSatisfy({ (0x30...0x39).contains($0) }), line[5] == 0x20,
            let end = line.prefix(120).firstIndex(of: UInt8(ascii: "]"))
        else { return nil }
        return end + 1
    }
}
