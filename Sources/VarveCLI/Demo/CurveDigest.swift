import Varve

/// How many points a query finds, and a number that changes with any bit of any of them.
struct CurveDigest: Hashable, CustomStringConvertible {
    private(set) var points = 0
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ query: Query, in snapshot: Snapshot) throws {
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            // Chunks are cut differently in logs and index: names are mixed in with each point, so that cuts don't show.
            let name = "\(chunk.run) \(chunk.metric)".utf8.reduce(0) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
            for index in 0..<chunk.count {
                mix(name)
                mix(UInt64(bitPattern: Int64(chunk.steps[index])))
                mix(UInt64(bitPattern: chunk.times[index]))
                mix(chunk.values[index].bitPattern)
            }
            points += chunk.count
        }
    }

    /// One word at a time, multiplied as in FNV-1a.
    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }

    var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
