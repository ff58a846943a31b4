/// The newest values of one property in the files that a segment covers: one row a run, runs ascending
/// (Format.md, section 6).
///
/// Kept in columns, so that 10,000 runs are compared without making 10,000 values.
package struct StoredPropertyColumn: Hashable, Sendable {
    package var key: String
    /// Rows of the segment's runs section.
    package var runs: [UInt32] = []
    package var revisions: [UInt64] = []
    /// When each was set, nanoseconds since 1970.
    package var times: [Int64] = []
    /// Rows of the coverage: the file that each stands in.
    package var files: [UInt32] = []
    /// Types as in ``PropertyValue/code``.
    package var types: [UInt8] = []
    /// The boolean, the integer, the bits of the double, or the length in bytes of the string.
    package var words: [UInt64] = []
    /// The strings end to end, in UTF-8.
    package var text: [UInt8] = []
    /// Where each row's string begins.
    package var textOffsets: [Int] = []

    package init(key: String) { self.key = key }

    package var count: Int { runs.count }

    package mutating func append(run: UInt32, revision: UInt64, time: Int64, file: UInt32, value: PropertyValue) {
        runs.append(run)
        revisions.append(revision)
        times.append(time)
        files.append(file)
        types.append(value.code)
        textOffsets.append(text.count)
        switch value {
        case .absent, .null: words.append(0)
        case .bool(let flag): words.append(flag ? 1 : 0)
        case .int(let number): words.append(UInt64(bitPattern: number))
        case .double(let number): words.append(number.bitPattern)
        case .string(let string), .json(let string):
            words.append(UInt64(string.utf8.count))
            text.append(contentsOf: string.utf8)
        }
    }

    /// The value of a row.
    package func value(at row: Int) -> PropertyValue {
        let word = words[row]
        switch types[row] {
        case PropertyValue.nullCode: return .null
        case PropertyValue.boolCode: return .bool(word != 0)
        case PropertyValue.intCode: return .int(Int64(bitPattern: word))
        case PropertyValue.doubleCode: return .double(Double(bitPattern: word))
        case PropertyValue.stringCode: return .string(string(at: row))
        case PropertyValue.jsonCode: return .json(string(at: row))
        default: return .absent
        }
    }

    private func string(at row: Int) -> String {
        let start = textOffsets[row]
        return String(decoding: text[start..<(start + Int(words[row]))], as: UTF8.self)
    }

    /// The row of a run, by binary search.
    package func row(ofRun run: UInt32) -> Int? {
        // What every run has stands in the run's own row.
        if Int(run) < runs.count, runs[Int(run)] == run { return Int(run) }
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle] < run { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low] == run ? low : nil
    }
}
