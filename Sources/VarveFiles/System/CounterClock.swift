import CVarveClock
import Glibc
import Synchronization

/// Wall time from the processor's time-stamp counter, in steps of 1 µs: what points are stamped with.
///
/// Reading takes the counter, one multiplication and no lock. ``recalibrate()``, which a housekeeping thread calls
/// about once a
/// second, ties the counter to the system's clocks anew; between two calls the error grows by what the system clock is
/// slewed
/// meanwhile (at most 0.05 %). Where the counter can't be used, or before it is calibrated, or when nobody recalibrates
/// for
/// ten seconds, a reading is one of CLOCK_REALTIME, at the same resolution.
///
/// Like all wall time it may go back, also within a thread: by some µs at a recalibration.
@usableFromInline
package final class CounterClock: Sendable {
    /// The one of this process.
    package static let shared = CounterClock()

    /// What reads the clock. Copy it to where it is used: it is one word, and good for as long as the process lives.
    @usableFromInline package let reader: Reader

    private let calibration: Guarded<CounterCalibration>

    /// - Parameter usesCounter: false: always CLOCK_REALTIME.
    init(usesCounter: Bool = CounterCalibration.isCounterUsable()) {
        // Never freed: readers are copied freely, and there is one clock a process.
        let current = UnsafeMutablePointer<Atomic<UnsafePointer<Block>>>.allocate(capacity: 1)
        let blocks = UnsafeMutablePointer<Block>.allocate(capacity: CounterCalibration.blockCount)
        blocks.initialize(repeating: .unusable, count: CounterCalibration.blockCount)
        current.initialize(to: Atomic(UnsafePointer(blocks)))
        reader = Reader(current: current)
        calibration = Guarded(CounterCalibration(current: current, blocks: blocks, usesCounter: usesCounter))
    }

    /// Nanoseconds since 1970, a multiple of 1,000.
    @inlinable @inline(__always)
    package func now() -> Int64 { reader.now() }

    /// Ties the counter to the system's clocks. Calls that come within 5 ms of the last one do nothing.
    package func recalibrate() {
        calibration.withLock { $0.recalibrate() }
    }

    /// Whether readings come from the counter now.
    package var usesCounter: Bool { reader.current.pointee.load(ordering: .acquiring).pointee.validTicks > 0 }

    /// How counter and wall time go together; immutable once published.
    @frozen @usableFromInline
    package struct Block: Sendable {
        /// The counter at `baseMicroseconds`.
        @usableFromInline package var baseTicks: UInt64
        /// For how long after `baseTicks` this may be used; 0: never.
        @usableFromInline package var validTicks: UInt64
        /// Microseconds a tick, times 2⁶⁴.
        @usableFromInline package var multiplier: UInt64
        /// Since 1970.
        @usableFromInline package var baseMicroseconds: Int64

        /// The wall time at which the counter stands at `ticks`, in nanoseconds; nil if this isn't valid then.
        @inlinable @inline(__always)
        package func time(_ ticks: UInt64) -> Int64? {
            let elapsed = ticks &- baseTicks
            // A counter that went back gives a huge difference, and so ends here like one that is out of date.
            guard elapsed < validTicks else { return nil }
            let microseconds = elapsed.multipliedFullWidth(by: multiplier).high
            return (baseMicroseconds &+ Int64(truncatingIfNeeded: microseconds)) &* 1_000
        }

        static let unusable = Block(baseTicks: 0, validTicks: 0, multiplier: 0, baseMicroseconds: 0)
    }

    // `@inlinable` members of a `package` type are inlined elsewhere only if the type itself is `@usableFromInline`.
    /// Reads the clock.
    @frozen @usableFromInline
    package struct Reader: @unchecked Sendable {
        @usableFromInline let current: UnsafeMutablePointer<Atomic<UnsafePointer<Block>>>

        /// Nanoseconds since 1970, a multiple of 1,000.
        @inlinable @inline(__always)
        package func now() -> Int64 {
            let block = current.pointee.load(ordering: .acquiring)
            return block.pointee.time(varve_ticks()) ?? Reader.systemTime()
        }

        /// CLOCK_REALTIME at the same resolution.
        @usableFromInline @inline(never)
        package static func systemTime() -> Int64 {
            let time = RealHost.wallTime()
            return time - time % 1_000
        }
    }
}
