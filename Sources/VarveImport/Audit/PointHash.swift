import Varve

/// What there is of a series, in 16 bytes: how many points, and XXH64 over step, time and the bits of the value of each, 8
/// bytes each, little-endian, in the order in which they are stored. A point without a time has the time −2⁶³.
package struct PointHash: Hashable, Sendable {
    private var words = XXHash64Words()

    package init() {}

    package mutating func add(step: Int64, time: Int64, value: Double) {
        words.add(UInt64(bitPattern: step))
        words.add(UInt64(bitPattern: time))
        words.add(value.bitPattern)
    }

    /// The number of points.
    package var count: Int { words.count / 3 }
    /// The hash.
    package var value: UInt64 { words.value }
}

/// The same points in any order: the sum of their hashes, each alone.
package struct PointSum: Hashable, Sendable {
    private(set) var value: UInt64 = 0

    package init() {}

    package mutating func add(step: Int64, time: Int64, value: Double) {
        var one = PointHash()
        one.add(step: step, time: time, value: value)
        self.value &+= one.value
    }
}
