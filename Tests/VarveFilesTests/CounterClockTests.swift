import Synchronization
import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves the clock's arithmetic on invented samples, exactly, and that the real one keeps to the system's wall time.
@Suite struct CounterClockTests {
    private typealias Sample = CounterCalibration.Sample

    private func calibration(_ sample: Sample) -> (CounterCalibration, () -> CounterClock.Block) {
        let current = UnsafeMutablePointer<Atomic<UnsafePointer<CounterClock.Block>>>.allocate(capacity: 1)
        let blocks = UnsafeMutablePointer<CounterClock.Block>.allocate(capacity: CounterCalibration.blockCount)
        blocks.initialize(repeating: .unusable, count: CounterCalibration.blockCount)
        current.initialize(to: Atomic(UnsafePointer(blocks)))
        let calibration = CounterCalibration(current: current, blocks: blocks, usesCounter: true, first: sample)
        return (calibration, { current.pointee.load(ordering: .relaxed).pointee })
    }

    /// A machine whose counter makes `rate` ticks a nanosecond, read at some nanosecond after its start.
    private func sample(_ nanoseconds: Int64, rate: Double, origin: Int64 = 1_790_000_000_123_456_789) -> Sample {
        Sample(
            ticks: 55_555 &+ UInt64(Double(nanoseconds) * rate), monotonic: 1_000 + nanoseconds,
            wall: origin + nanoseconds)
    }

    @Test(arguments: [0.024, 0.1, 1, 2.4, 3.0, 5.5])
    func readsWallTime(rate: Double) {
        var (calibration, block) = calibration(sample(0, rate: rate))
        #expect(block().validTicks == 0)
        calibration.take(sample(1_000_000, rate: rate))
        #expect(block().validTicks == 0, "too short an interval")
        for second in 1...5 {
            calibration.take(sample(Int64(second) * 1_000_000_000, rate: rate))
            for later in stride(from: Int64(-900_000), to: 9_000_000_000, by: 333_333_333) {
                let now = sample(Int64(second) * 1_000_000_000 + later, rate: rate)
                let read = block().time(now.ticks)
                // 1 µs is the step of the clock; a counter of 24 MHz adds 42 ns, a rounded rate next to nothing.
                #expect(read.map { abs($0 - now.wall) <= 1_100 && $0 % 1_000 == 0 } == true)
            }
            #expect(block().time(sample(Int64(second) * 1_000_000_000 - 2_000_000, rate: rate).ticks) == nil)
            #expect(block().time(sample(Int64(second + 11) * 1_000_000_000, rate: rate).ticks) == nil)
        }
    }

    @Test func aWallClockThatWasSetIsFollowed() {
        var (calibration, block) = calibration(sample(0, rate: 3))
        calibration.take(sample(1_000_000_000, rate: 3))
        let back = sample(2_000_000_000, rate: 3, origin: 1_000_000)
        calibration.take(back)
        #expect(block().time(back.ticks).map { abs($0 - back.wall) <= 1_000 } == true)
        #expect(calibration.usesCounter && calibration.disagreements == 0)
    }

    @Test func aCounterThatJumpsIsGivenUp() {
        var (calibration, block) = calibration(sample(0, rate: 3))
        var ahead: UInt64 = 0
        var time: Int64 = 0
        func next() -> Sample {
            time += 1_000_000_000
            var sample = sample(time, rate: 3)
            sample.ticks &+= ahead
            return sample
        }
        for jump in 1...3 {
            calibration.take(next())
            #expect(block().validTicks > 0)
            ahead &+= 300_000_000
            calibration.take(next())
            #expect(block().validTicks == 0)
            #expect(calibration.usesCounter == (jump < 3))
        }
        // Back to the beginning, as after a migration: not a rate at all.
        (calibration, block) = self.calibration(sample(9_000_000_000, rate: 3))
        var zero = sample(10_000_000_000, rate: 3)
        zero.ticks = 5
        calibration.take(zero)
        #expect(block().validTicks == 0 && calibration.disagreements == 1)
    }

    @Test(arguments: [true, false])
    func theRealOne(usesCounter: Bool) {
        let clock = CounterClock(usesCounter: usesCounter && CounterCalibration.isCounterUsable())
        let start = RealHost.monotonicTime()
        for round in 0..<2 {
            for _ in 0..<1_000 {
                let before = RealHost.wallTime()
                let now = clock.now()
                let after = RealHost.wallTime()
                // Some slack for a clock that is slewed or read on another core.
                #expect(now % 1_000 == 0 && now > before - 1_000_000 && now < after + 1_000_000)
            }
            while round == 0, RealHost.monotonicTime() < start + 6_000_000 {}
            clock.recalibrate()
        }
        if usesCounter, CounterCalibration.isCounterUsable() { #expect(clock.usesCounter) }
        if !usesCounter { #expect(!clock.usesCounter) }
    }
}
