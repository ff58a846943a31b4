import Varve

/// Tells whether the beginning of a source is still what it was: XXH64 over its blocks of 1 MiB, each seeded with the hash
/// of the one before.
package enum Fingerprint {
    fileprivate static let block = 1 << 20

    /// The fingerprint of the first `count` bytes; nil if there are fewer now.
    package static func of(_ source: any ByteSource, first count: Int) throws(VarveError) -> UInt64? {
        guard count <= (try source.size()) else { return nil }
        var taken = Taken()
        try taken.extend(to: count, of: source)
        return taken.fingerprint
    }

    /// The beginning of a source that grows: only its last block is read again when there is more of it.
    package struct Taken {
        /// The whole blocks so far: their bytes, and their hash.
        private var whole = 0
        private var hash: UInt64 = 0
        /// How many bytes are taken.
        package private(set) var bytes = 0
        /// Their fingerprint; nil if the source turned out to be shorter.
        package private(set) var fingerprint: UInt64? = 0

        package init() {}

        /// Takes all bytes up to `count`, which isn't less than what was taken before.
        package mutating func extend(to count: Int, of source: any ByteSource) throws(VarveError) {
            var window = SourceWindow(source, at: whole)
            while count - whole >= block {
                guard try window.fill(block) else { return fingerprint = nil }
                hash = XXHash64.hash(window.span.extracting(0..<block), seed: hash)
                window.consume(block)
                whole += block
            }
            bytes = count
            fingerprint = try rest(&window)
        }

        private func rest(_ window: inout SourceWindow) throws(VarveError) -> UInt64? {
            let left = bytes - whole
            guard left > 0 else { return hash }
            guard try window.fill(left) else { return nil }
            return XXHash64.hash(window.span.extracting(0..<left), seed: hash)
        }

        /// Whether the last block is still what it was.
        package func holds(for source: any ByteSource) throws(VarveError) -> Bool {
            var window = SourceWindow(source, at: whole)
            guard fingerprint != nil else { return false }
            return try rest(&window) == fingerprint
        }
    }
}
