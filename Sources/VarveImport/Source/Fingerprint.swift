import Varve

/// Tells whether the beginning of a source is still what it was: XXH64 over its blocks of 1 MiB, each seeded with the hash
/// of the one before.
package enum Fingerprint {
    private static let block = 1 << 20

    /// The fingerprint of the first `count` bytes; nil if there are fewer now.
    package static func of(_ source: any ByteSource, first count: Int) throws(VarveError) -> UInt64? {
        guard count <= (try source.size()) else { return nil }
        var window = SourceWindow(source)
        var hash: UInt64 = 0
        while window.offset < count {
            let bytes = min(block, count - window.offset)
            guard try window.fill(bytes) else { return nil }
            hash = XXHash64.hash(window.span.extracting(0..<bytes), seed: hash)
            window.consume(bytes)
        }
        return hash
    }
}
