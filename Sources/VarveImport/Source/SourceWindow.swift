import Varve

/// A moving view of a source: the bytes from ``offset`` on, as many as somebody asked for.
///
/// Its memory grows with what the source really holds, never with what a length in it claims: a request is filled in steps
/// that at most double what was found so far.
package struct SourceWindow {
    private let source: any ByteSource
    /// Where the view begins, counted from the beginning of the source.
    package private(set) var offset: Int
    private var storage: [UInt8]
    private var head = 0
    private var tail = 0

    private static let step = 1 << 16

    package init(_ source: any ByteSource, at offset: Int = 0) {
        self.source = source
        self.offset = offset
        storage = [UInt8](repeating: 0, count: Self.step)
    }

    /// The name of the source.
    package var name: String { source.name }

    /// The number of bytes in view.
    package var count: Int { tail - head }

    /// The bytes in view.
    package var span: RawSpan {
        @_lifetime(borrow self) borrowing get { storage.span.bytes.extracting(head..<tail) }
    }

    /// Brings `wanted` bytes into view, or all that are left; returns whether they are there.
    package mutating func fill(_ wanted: Int) throws(VarveError) -> Bool {
        while count < wanted {
            let goal = min(wanted, max(2 * count, Self.step))
            if head + goal > storage.count { makeRoom(goal) }
            var failure: VarveError?
            let place = offset + count
            let source = source
            let start = tail
            let read = storage.withUnsafeMutableBytes { bytes in
                do throws(VarveError) {
                    return try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), at: place)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if read == 0 { return false }
            tail += read
        }
        return true
    }

    /// Moves the view on by `bytes`, which must be in view.
    package mutating func consume(_ bytes: Int) {
        precondition(bytes <= count, "what is consumed is in view")
        head += bytes
        offset += bytes
        if head == tail {
            head = 0
            tail = 0
        }
    }

    private mutating func makeRoom(_ goal: Int) {
        if head > 0 {
            let (from, to) = (head, tail)
            storage.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                base.copyMemory(from: base + from, byteCount: to - from)
            }
            tail -= head
            head = 0
        }
        if goal > storage.count {
            storage.append(contentsOf: repeatElement(0, count: max(goal, 2 * storage.count) - storage.count))
        }
    }
}
