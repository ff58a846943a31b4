/// XXH64, the checksum of everything that Varve writes.
///
/// Algorithm: Yann Collet, "xxHash fast digest algorithm", version 0.1.1 (github.com/Cyan4973/xxHash,
/// doc/xxhash_spec.md).
package enum XXHash64 {
    static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The hash of `bytes` under `seed`.
    package static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { hash($0, seed: seed) }
    }

    /// The hash of `bytes` under `seed`.
    package static func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { hash($0, seed: seed) }
    }

    /// The hash of the bytes in `buffer` under `seed`.
    package static func hash(_ buffer: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        let count = buffer.count
        guard let base = buffer.baseAddress, count > 0 else { return finish(seed &+ prime5) }
        var at = 0
        var hash: UInt64
        if count >= 32 {
            var a = seed &+ prime1 &+ prime2
            var b = seed &+ prime2
            var c = seed
            var d = seed &- prime1
            let last = count - 32
            repeat {
                a = round(a, word(base, at))
                b = round(b, word(base, at &+ 8))
                c = round(c, word(base, at &+ 16))
                d = round(d, word(base, at &+ 24))
                at &+= 32
            } while at <= last
            hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
            hash = merge(hash, a)
            hash = merge(hash, b)
            hash = merge(hash, c)
            hash = merge(hash, d)
        } else {
            hash = seed &+ prime5
        }
        hash = hash &+ UInt64(truncatingIfNeeded: count)
        while at &+ 8 <= count {
            hash = rotate(hash ^ round(0, word(base, at)), 27) &* prime1 &+ prime4
            at &+= 8
        }
        if at &+ 4 <= count {
            let half = UInt64(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
            hash = rotate(hash ^ (half &* prime1), 23) &* prime2 &+ prime3
            at &+= 4
        }
        while at < count {
            let byte = UInt64(base.load(fromByteOffset: at, as: UInt8.self))
            hash = rotate(hash ^ (byte &* prime5), 11) &* prime1
            at &+= 1
        }
        return finish(hash)
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    static func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { x &<< by | x &>> (64 &- by) }

    @inline(__always)
    static func round(_ state: UInt64, _ input: UInt64) -> UInt64 {
        rotate(state &+ input &* prime2, 31) &* prime1
    }

    @inline(__always)
    static func merge(_ hash: UInt64, _ state: UInt64) -> UInt64 {
        (hash ^ round(0, state)) &* prime1 &+ prime4
    }

    @inline(__always)
    static func finish(_ input: UInt64) -> UInt64 {
        var hash = input
        hash = (hash ^ hash &>> 33) &* prime2
        hash = (hash ^ hash &>> 29) &* prime3
        return hash ^ hash &>> 32
    }
}
