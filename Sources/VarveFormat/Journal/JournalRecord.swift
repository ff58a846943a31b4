/// A point in the ring, 32 bytes (Format.md, section 5).
// Not `@usableFromInline`, its members would be called, and not inlined, where points are logged and drained.
@frozen @usableFromInline
package struct JournalRecord: Hashable, Sendable, BitwiseCopyable {
    @usableFromInline package var step: Int64
    @usableFromInline package var time: Int64
    @usableFromInline package var value: UInt64
    @usableFromInline package var series: UInt32
    @usableFromInline package var check: UInt32

    @inlinable @inline(__always)
    package init(step: Int64, time: Int64, value: UInt64, series: UInt32, check: UInt32) {
        self.step = step
        self.time = time
        self.value = value
        self.series = series
        self.check = check
    }

    /// The check word of a point under its sequence and the file's salt.
    ///
    /// Two folded 64 × 64 multiplications over the whole record. The sequence enters as a word of its own, since in
    /// a log of one series it equals the step and the two would cancel.
    @inlinable @inline(__always)
    package static func check(
        step: Int64, time: Int64, value: UInt64, series: UInt32, sequence: UInt64, salt: UInt64
    ) -> UInt32 {
        let a = fold(UInt64(bitPattern: step) ^ 0x9E37_79B9_7F4A_7C15, value ^ 0xC2B2_AE3D_27D4_EB4F)
        let b = fold(UInt64(bitPattern: time) ^ salt, (sequence &<< 32 | UInt64(series)) ^ 0x1656_67B1_9E37_79F9)
        let x = a ^ b
        return UInt32(truncatingIfNeeded: x ^ x &>> 32)
    }

    @inlinable @inline(__always)
    static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.low ^ product.high
    }

    /// Whether this is the record of `sequence` in the file with `salt`, whole.
    @inlinable @inline(__always)
    package func isValid(for sequence: UInt64, salt: UInt64) -> Bool {
        check
            == Self.check(
                step: step, time: time, value: value, series: series, sequence: sequence, salt: salt)
    }
}
