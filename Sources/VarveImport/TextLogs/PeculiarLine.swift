import Varve

/// Lines of which the layout of common logs (a name in front of its number) says too little, rewritten so that it says all.
///
/// | tool | prints | read as |
/// |---|---|---|
/// | darknet | `7: 500.5, 490.5 avg loss, 0.001 rate, 5.5 seconds, 64 images` | `iteration 7, loss=500.5, …` |
/// | ESPnet | `2epoch:train:1-100batch: loss=0.5` | `epoch 2, train, batch 100, loss=0.5` |
/// | ESPnet | `2epoch results: [train] loss=0.5, [valid] loss=0.25` | a line for each part of the data |
enum PeculiarLine {
    /// The lines that a printed line stands for: mostly itself.
    static func lines(_ text: [UInt8]) -> [[UInt8]] {
        if let line = darknet(text) { return [line] }
        return espnet(text) ?? [text]
    }

    private static let darknetNames = ["avg loss", "avg", "rate", "seconds", "images"]

    private static func darknet(_ text: [UInt8]) -> [UInt8]? {
        let line = text.drop { $0 == 0x20 }
        let digits = line.prefix { (0x30...0x39).contains($0) }
        let rest = line.dropFirst(digits.count)
        guard !digits.isEmpty, rest.first == UInt8(ascii: ":"), rest.count < 400 else { return nil }
        let parts = String(decoding: rest.dropFirst(), as: UTF8.self).split(separator: ",")
        guard parts.count >= 5 else { return nil }
        var pairs: [String] = []
        for (index, part) in parts.prefix(6).enumerated() {
            let words = part.split(separator: " ")
            guard let first = words.first, case .number = CellValue(String(first)) else { return nil }
            let name = words.dropFirst().joined(separator: " ")
            if index == 0, name.isEmpty {
                pairs.append("loss=\(first)")
            } else if darknetNames.contains(name) {
                pairs.append("\(name)=\(first)")
            }
        }
        guard pairs.count >= 5 else { return nil }
        return Array("iteration \(String(decoding: digits, as: UTF8.self)), \(pairs.joined(separator: ", "))".utf8)
    }

    private static let epochWord = Array("epoch".utf8)

    private static func espnet(_ text: [UInt8]) -> [[UInt8]]? {
        guard let at = text.indices.first(where: { text[$0...].starts(with: epochWord) }), at > 0 else { return nil }
        let digits = text[..<at].reversed().prefix { (0x30...0x39).contains($0) }.reversed()
        guard !digits.isEmpty else { return nil }
        let head = "epoch " + String(decoding: digits, as: UTF8.self)
        let rest = String(decoding: text[(at + epochWord.count)...], as: UTF8.self)
        if rest.first == ":" {
            let parts = rest.split(separator: ":", maxSplits: 2)
            guard parts.count == 3, LogWords.subset(parts[0]) != nil else { return nil }
            let batches = parts[1].split(separator: "-")
            let last = (batches.last ?? "").prefix { $0.isASCII && $0.isNumber }
            guard !last.isEmpty, batches.last == last + "batch" else { return nil }
            return [Array("\(head), \(parts[0]), batch \(last), \(parts[2])".utf8)]
        }
        let results = " results: "
        guard rest.utf8.starts(with: results.utf8) else { return nil }
        return rest.dropFirst(results.count).split(separator: "[").compactMap { part in
            let parts = part.split(separator: "]", maxSplits: 1)
            guard parts.count == 2, LogWords.subset(parts[0]) != nil else { return nil }
            return Array("\(head), \(parts[0]), \(parts[1])".utf8)
        }
    }
}
