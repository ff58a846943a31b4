/// Numbers in the files of /proc and /sys: words and digits, of which a line may be anything.
enum ProcFields {
    static func lines(_ bytes: [UInt8]) -> [[Substring]] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
    }

    /// The numbers of lines such as `MemTotal:  16 kB`, by their first word without the colon.
    static func table(_ bytes: [UInt8]) -> [String: Double] {
        var found: [String: Double] = [:]
        for words in lines(bytes) where words.count > 1 {
            let name = words[0].last == ":" ? words[0].dropLast() : words[0]
            if let number = Double(words[1]), number.isFinite { found[String(name)] = number }
        }
        return found
    }

    /// The numbers behind the first word of the line that begins with it.
    static func numbers(_ first: String, in bytes: [UInt8]) -> [Double]? {
        for words in lines(bytes) where words.first.map({ $0 == first }) ?? false {
            let numbers = words.dropFirst().map { Double($0) ?? .nan }
            return numbers.contains { !$0.isFinite } ? nil : numbers
        }
        return nil
    }

    /// One number that is all of a file; nil for others, such as `max`.
    static func number(_ bytes: [UInt8]) -> Double? {
        let words = lines(bytes)
        guard words.count == 1, words[0].count == 1, let number = Double(words[0][0]), number.isFinite else {
            return nil
        }
        return number
    }
}

/// What `/proc/<pid>/stat` says of a process.
struct ProcessLine: Hashable {
    var parent: Int
    /// Clock ticks in user and kernel mode.
    var ticks: Double
    /// Clock ticks since boot at which it began: a number may be another process's tomorrow.
    var started: Double
    var residentPages: Double

    /// Nil if the bytes are no such line. The command's name may hold spaces and parentheses: the last one counts.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let words = String(decoding: bytes[(end + 1)...], as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count > 21, let parent = Int(words[1]), let user = Double(words[11]),
            let kernel = Double(words[12]),
            let started = Double(words[19]), let resident = Double(words[21])
        else { return nil }
        self.parent = parent
        ticks = user + kernel
        self.started = started
        residentPages = max(0, resident)
    }
}
