import Synchronization
import VarveFormat

/// Makes version 7 UUIDs of which each is greater than the one before, in one process.
///
/// Runs that are started in the same millisecond would else be listed in an order of chance. The twelve bits after the
/// milliseconds hold their fraction, in units of 244 ns (RFC 9562, section 6.2, method 3); an ID that would not be greater
/// takes the next unit.
package struct OrderedIDs: ~Copyable, Sendable {
    /// The first 60 bits that count of the newest ID: milliseconds since 1970 and their fraction.
    private let last = Atomic<UInt64>(0)

    /// How far a clock that was set back is passed over: a second. Beyond it, an ID's time is worth more than the order.
    static let mostAhead: UInt64 = 1000 << 12

    package init() {}

    /// The next ID.
    ///
    /// - Parameters:
    ///   - time: wall time, nanoseconds since 1970.
    ///   - random: 62 bits of it are used.
    package func next(time: Int64, random: UInt64) -> UniqueID {
        let nanoseconds = UInt64(max(0, time))
        let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let now = milliseconds &<< 12 | rest &<< 12 / 1_000_000
        var known = last.load(ordering: .relaxed)
        while true {
            let unit = known >= now && known - now < Self.mostAhead ? known + 1 : now
            let (wasExchanged, original) = last.weakCompareExchange(
                expected: known, desired: unit, ordering: .relaxed)
            if wasExchanged { return UniqueID(milliseconds: unit &>> 12, random: (unit, random)) }
            known = original
        }
    }
}
