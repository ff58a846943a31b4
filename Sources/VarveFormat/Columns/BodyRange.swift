/// Where words lie: the base below them and the distance of the farthest, modulo 2⁶⁴.
enum BodyRange {
    /// The smaller of the signed and the unsigned range of `count` ≥ 1 words.
    static func of(_ words: UnsafePointer<UInt64>, _ count: Int) -> (base: UInt64, range: UInt64) {
        if let near = WordKernels.nearRange(words, count) { return near }
        let (low, high) = WordKernels.signedRange(words, count)
        // Words of one sign have the same range either way.
        if Int64(bitPattern: low ^ high) >= 0 { return (low, high &- low) }
        let (unsignedLow, unsignedHigh) = WordKernels.unsignedRange(words, count)
        if unsignedHigh &- unsignedLow < high &- low { return (unsignedLow, unsignedHigh &- unsignedLow) }
        return (low, high &- low)
    }
}
