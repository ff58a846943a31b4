/// What was read last of each writer and metric. Many in a row are of one, and cost nothing to look up.
struct SoakOrder {
    private struct Key: Hashable {
        var writer: Int
        var metric: String
    }

    private var last: [Key: Int] = [:]
    private var current = Key(writer: -1, metric: "")
    private var number = -1

    /// Takes note of an entry that was read.
    ///
    /// - Returns: the one that was read before, though it was logged later; nil: all is well.
    mutating func note(_ next: Int, writer: Int, _ metric: String) -> Int? {
        if writer != current.writer || metric != current.metric {
            if number >= 0 { last[current] = number }
            current = Key(writer: writer, metric: metric)
            number = last[current] ?? -1
        }
        defer { number = next }
        return number > next ? number : nil
    }
}
