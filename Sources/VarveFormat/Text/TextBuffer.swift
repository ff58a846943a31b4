/// Text under construction, in memory that kernels such as ``DecimalText`` write to in place.
package final class TextBuffer {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written so far.
    package private(set) var count = 0

    package init(capacity: Int = 1 << 16) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    package func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { source in
            append(room: source.count) { target in
                guard let first = source.baseAddress else { return 0 }
                target.update(from: first, count: source.count)
                return source.count
            }
        }
    }

    /// Lets `write` put text where it belongs: there is room for so many bytes, and it returns how many it took. To be called for
    /// many lines at once: each call costs some 20 ns.
    package func append(room: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        if capacity - count < room { grow(to: max(capacity * 2, count + room)) }
        let taken = write(base + count)
        precondition(taken >= 0 && taken <= room, "more than there was room for")
        count += taken
    }

    /// Hands out what was written, and begins anew.
    package func take() -> [UInt8] {
        defer { count = 0 }
        return [UInt8](UnsafeBufferPointer(start: base, count: count))
    }

    private func grow(to larger: Int) {
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        fresh.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (fresh, larger)
    }
}
