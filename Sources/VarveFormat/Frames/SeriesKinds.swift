/// What definitions say of series besides their IDs, each numbered once.
///
/// The files of a campaign define the same metrics over and over. A number is found by the bytes of a definition: a string is made
/// only for what wasn't met before. Not thread-safe.
package final class SeriesKinds {
    /// Series of one file that agree in this are one.
    package struct Kind: Hashable, Sendable {
        package var metric: MetricKey
        /// Value type and automatic steps.
        package var flags: SliceFlags
    }

    /// By number.
    package private(set) var kinds: [Kind] = []
    /// The series of the frame that was parsed last, with the numbers of their kinds.
    package private(set) var parsed: [(id: UInt32, kind: UInt32)] = []
    private var numbers: [Kind: UInt32] = [:]
    /// The spellings of kinds that were met, end to end: the same kind may be spelled with other bytes.
    private var bytes: [UInt8] = []
    private var spellings: [Spelling] = []
    /// Open addressing by the spellings' hashes: 1 + the spelling, 0 for none; at most half full.
    private var slots = [UInt32](repeating: 0, count: 64)
    /// Nobody can choose names whose hashes meet.
    private let seed = UInt64.random(in: .min ... .max)

    private struct Spelling {
        var hash: UInt64
        var start: Int
        var count: Int
        var kind: UInt32
    }

    package init() {}

    /// About the bytes that all of this takes.
    package var weight: Int { bytes.count * 3 + spellings.count * 256 }

    /// Parses the payload of a definition frame; ``parsed`` is what it holds.
    package func parse(_ payload: RawSpan, count: Int) throws(FormatError) {
        parsed.removeAll(keepingCapacity: true)
        var reader = ByteReader(payload)
        for _ in 0..<count {
            let first = reader.offset
            let id = try reader.count("the ID of a series", cap: FormatConstants.maxSeries - 1)
            let start = reader.offset
            try reader.skipKind()
            let spelling = payload.extracting(start..<reader.offset)
            let hash = XXHash64.hash(spelling, seed: seed)
            if let known = find(spelling, hash) {
                parsed.append((UInt32(id), known))
                continue
            }
            var again = ByteReader(payload)
            try again.skip(first)
            let definition = try SeriesDefinition(&again)
            parsed.append((UInt32(id), add(definition, spelling, hash)))
        }
    }

    private func find(_ spelling: RawSpan, _ hash: UInt64) -> UInt32? {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] > 0 {
            let known = spellings[Int(slots[slot]) - 1]
            if known.hash == hash, known.count == spelling.byteCount, isEqual(spelling, known) { return known.kind }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isEqual(_ spelling: RawSpan, _ known: Spelling) -> Bool {
        bytes.withUnsafeBytes { all in
            spelling.withUnsafeBytes { new in
                var i = 0
                while i + 8 <= new.count {
                    let (a, b) = (
                        all.loadUnaligned(fromByteOffset: known.start + i, as: UInt64.self),
                        new.loadUnaligned(fromByteOffset: i, as: UInt64.self)
                    )
                    if a != b { return false }
                    i += 8
                }
                while i < new.count, all[known.start + i] == new[i] { i += 1 }
                return i == new.count
            }
        }
    }

    private func add(_ definition: SeriesDefinition, _ spelling: RawSpan, _ hash: UInt64) -> UInt32 {
        let kind = Kind(metric: definition.metric, flags: SliceFlags(definition))
        let number: UInt32
        if let known = numbers[kind] {
            number = known
        } else {
            number = UInt32(kinds.count)
            numbers[kind] = number
            kinds.append(kind)
        }
        spellings.append(Spelling(hash: hash, start: bytes.count, count: spelling.byteCount, kind: number))
        spelling.withUnsafeBytes { bytes.append(raw: $0) }
        if spellings.count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 4)
            for index in spellings.indices { fill(index) }
        } else {
            fill(spellings.count - 1)
        }
        return number
    }

    private func fill(_ spelling: Int) {
        var slot = Int(truncatingIfNeeded: spellings[spelling].hash) & (slots.count - 1)
        while slots[slot] > 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(spelling) + 1
    }
}

extension ByteReader {
    /// Steps over all of a definition but its ID, checking no more than lengths.
    @_lifetime(self: copy self)
    fileprivate mutating func skipKind() throws(FormatError) {
        try skip(2, "the value type and flags of a series")
        try skip(try count("the name of a metric", cap: FormatConstants.maxNameBytes), "the name of a metric")
        let pairs = try count("the pairs of a context", cap: FormatConstants.maxContextPairs)
        for _ in 0..<(2 * pairs) {
            try skip(try count("a part of a context", cap: FormatConstants.maxNameBytes), "a part of a context")
        }
    }
}
