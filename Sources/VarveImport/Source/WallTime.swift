import Varve

/// Wall time as other tools write it, and as Varve keeps it: nanoseconds since 1970.
package enum WallTime {
    /// Stands for "no time".
    package static let none = Int64.min

    private static let second: Int64 = 1_000_000_000

    /// The nearest nanosecond to a number of seconds; nil beyond the years 1678 to 2262, and for NaN.
    ///
    /// Doubles of today's seconds are 238 ns apart, so ``seconds(_:)`` gives the same double back.
    package static func nanoseconds(_ seconds: Double) -> Int64? {
        guard abs(seconds) < 9.2e9 else { return nil }
        // The fraction of a double is exact; times 10⁹ it has at most 53 bits where the seconds have 31.
        let whole = seconds.rounded(.down)
        return Int64(whole) * second + Int64(((seconds - whole) * 1e9).rounded())
    }

    /// The time of whole seconds and nanoseconds, as protobuf states it; ``none`` for 0 and what 64 bits don't hold.
    package static func nanoseconds(seconds: Int64, nanos: Int32) -> Int64 {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: second)
        let (sum, carry) = scaled.addingReportingOverflow(Int64(nanos))
        return overflow || carry || sum == 0 ? none : sum
    }

    /// The nearest double to a time in seconds.
    package static func seconds(_ nanoseconds: Int64) -> Double {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
        return Double(whole) + Double(rest) / 1e9
    }
}
