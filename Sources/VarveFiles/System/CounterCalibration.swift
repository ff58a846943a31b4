import CVarveClock
import Synchronization

/// The writing side of ``CounterClock``: compares the counter with the system's clocks and publishes what follows.
///
/// The rate is measured against the monotonic clock, which nobody sets; the origin is taken from the wall clock. A wall clock
/// that was set is so told from a counter that went wrong.
struct CounterCalibration: @unchecked Sendable {
    /// Blocks are used in turn. A reader that is interrupted between loading the pointer and what it points to finds
    /// the block rewritten only minutes later, and then takes one wrong stamp.
    static let blockCount = 512

    private let current: UnsafeMutablePointer<Atomic<UnsafePointer<CounterClock.Block>>>
    private let blocks: UnsafeMutablePointer<CounterClock.Block>
    private var nextBlock = 1
    private(set) var usesCounter: Bool
    private var last: Sample
    /// Ticks a nanosecond, of the last two samples.
    private var rate: Double?
    private(set) var disagreements = 0

    /// An instant on all clocks.
    struct Sample {
        var ticks: UInt64
        var monotonic: Int64
        var wall: Int64
    }

    init(
        current: UnsafeMutablePointer<Atomic<UnsafePointer<CounterClock.Block>>>,
        blocks: UnsafeMutablePointer<CounterClock.Block>, usesCounter: Bool,
        first: Sample = sample()
    ) {
        self.current = current
        self.blocks = blocks
        self.usesCounter = usesCounter
        last = first
    }

    mutating func recalibrate() {
        guard usesCounter else { return }
        take(Self.sample())
    }

    /// Takes a sample into account.
    mutating func take(_ sample: Sample) {
        let nanoseconds = sample.monotonic - last.monotonic
        // A sample's readings lie some 20 ns apart: over 5 ms that is 4 parts in a million.
        guard nanoseconds >= 5_000_000 else { return }
        let measured = Double(sample.ticks &- last.ticks) / Double(nanoseconds)
        let expected = rate
        last = sample
        let isPlausible = measured > 0.002 && measured < 100
        if !isPlausible || expected.map({ abs(measured / $0 - 1) * Double(nanoseconds) > Self.tolerance }) == true {
            disagreements += 1
            rate = nil
            publish(.unusable)
            // Once is a machine that slept or moved; what happens again and again is a counter that can't be trusted.
            if disagreements >= 3 { usesCounter = false }
            return
        }
        rate = measured
        // The origin lies a little in the past, where another core's counter can't be before it, and on a whole microsecond.
        let microseconds = sample.wall / 1_000 - 1_000
        let back = Double(sample.wall - microseconds * 1_000) * measured
        publish(
            CounterClock.Block(
                baseTicks: sample.ticks &- UInt64(back), validTicks: UInt64(measured * 10e9),
                multiplier: UInt64(0x1p64 / (measured * 1_000)), baseMicroseconds: microseconds))
    }

    /// Two ticks of a kernel of 250 Hz, in nanoseconds: what the counter may be off by between two samples.
    private static let tolerance = 8_000_000.0

    private mutating func publish(_ block: CounterClock.Block) {
        blocks[nextBlock] = block
        current.pointee.store(UnsafePointer(blocks + nextBlock), ordering: .releasing)
        nextBlock = (nextBlock + 1) % Self.blockCount
    }

    /// Reads both clocks between two readings of the counter, some times; the closest pair counts.
    static func sample() -> Sample {
        var best = Sample(ticks: 0, monotonic: 0, wall: 0)
        var width = UInt64.max
        for _ in 0..<5 {
            let before = varve_ticks()
            let wall = RealHost.wallTime()
            let monotonic = RealHost.monotonicTime()
            let between = varve_ticks() &- before
            if between < width {
                width = between
                best = Sample(ticks: before &+ between / 2, monotonic: monotonic, wall: wall)
            }
        }
        return best
    }

    /// Whether this processor's counter runs evenly, on all cores, always; and the kernel hasn't found otherwise.
    static func isCounterUsable() -> Bool {
        #if arch(arm64)
            return true
        #elseif arch(x86_64)
            // A beginning is enough: what follows are the other cores.
            guard let file = try? RealFileSystem().open("/proc/cpuinfo", .read),
                let bytes = try? file.read(upTo: 8_192, at: 0)
            else { return false }
            let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" || $0 == "\t" }
            guard words.contains("constant_tsc"), words.contains("nonstop_tsc") else { return false }
            let source = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
            guard let name = try? RealFileSystem().readAll(source, cap: 8_192) else { return true }
            return !["hpet", "acpi_pm", "jiffies", "refined-jiffies"].contains {
                name.starts(with: $0.utf8)
            }
        #else
            return false
        #endif
    }
}
