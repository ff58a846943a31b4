extension RawSpan {
    /// The bytes, which are whole words of 64 bits, as such words: columns are kept as bits, and shown as what they are.
    @_lifetime(copy self)
    func words<Word: BitwiseCopyable>(_ type: Word.Type) -> Span<Word> {
        _overrideLifetime(_unsafeView(as: type), copying: self)
    }
}
