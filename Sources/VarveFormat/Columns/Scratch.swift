/// Memory for words that is kept between columns and only grows: one of the few homes of unsafe pointers.
///
/// The pointer that ``reserve(_:)`` gives is valid until the next call of `reserve`, or until the scratch is gone.
package struct Scratch<Element: BitwiseCopyable>: ~Copyable {
    private var buffer: UnsafeMutableBufferPointer<Element>

    package init() { buffer = UnsafeMutableBufferPointer(start: nil, count: 0) }

    deinit { buffer.deallocate() }

    /// At least `count` elements, with undefined contents.
    package mutating func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if let base = buffer.baseAddress, buffer.count >= count { return base }
        buffer.deallocate()
        let grown = UnsafeMutableBufferPointer<Element>.allocate(capacity: Swift.max(count + count / 4, 64))
        buffer = grown
        // An allocation of at least 64 elements has an address.
        return grown.baseAddress.unsafelyUnwrapped
    }
}
