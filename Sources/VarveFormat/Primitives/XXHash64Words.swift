/// XXH64 over 64-bit words that come one by one, little-endian: the same as ``XXHash64`` over their bytes, seed 0, whatever
/// the number of words and without keeping them.
package struct XXHash64Words: Hashable, Sendable {
    private var a = XXHash64.prime1 &+ XXHash64.prime2
    private var b = XXHash64.prime2
    private var c: UInt64 = 0
    private var d = 0 &- XXHash64.prime1
    /// The words behind the last whole stripe of four.
    private var rest: (UInt64, UInt64, UInt64) = (0, 0, 0)
    /// How many words were added.
    package private(set) var count = 0

    package init() {}

    /// Adds a word.
    package mutating func add(_ word: UInt64) {
        switch count & 3 {
        case 0: rest.0 = word
        case 1: rest.1 = word
        case 2: rest.2 = word
        default:
            a = XXHash64.round(a, rest.0)
            b = XXHash64.round(b, rest.1)
            c = XXHash64.round(c, rest.2)
            d = XXHash64.round(d, word)
        }
        count &+= 1
    }

    /// The hash of all words added so far.
    package var value: UInt64 {
        var hash: UInt64
        if count >= 4 {
            hash = XXHash64.rotate(a, 1) &+ XXHash64.rotate(b, 7) &+ XXHash64.rotate(c, 12) &+ XXHash64.rotate(d, 18)
            for lane in [a, b, c, d] { hash = XXHash64.merge(hash, lane) }
        } else {
            hash = XXHash64.prime5
        }
        hash = hash &+ UInt64(truncatingIfNeeded: 8 &* count)
        let left = count & 3
        if left > 0 { hash = Self.mix(hash, rest.0) }
        if left > 1 { hash = Self.mix(hash, rest.1) }
        if left > 2 { hash = Self.mix(hash, rest.2) }
        return XXHash64.finish(hash)
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        XXHash64.rotate(hash ^ XXHash64.round(0, word), 27) &* XXHash64.prime1 &+ XXHash64.prime4
    }

    /// Equal if the words were, as far as a hash can tell.
    package static func == (a: XXHash64Words, b: XXHash64Words) -> Bool { a.count == b.count && a.value == b.value }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
