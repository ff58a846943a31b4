import Glibc

/// What a piece of work took: by the clock, and of all processors together.
package struct Elapsed: Sendable {
    /// Nanoseconds by the monotonic clock.
    package var wall: Double
    /// Nanoseconds of processor time of the whole process, in user code and in the kernel.
    package var cpu: Double
}

package enum Stopwatch {
    /// Nanoseconds that never go back.
    package static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    /// Nanoseconds of processor time that this process has had.
    package static func cpu() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func nanoseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e9 + Double(time.tv_usec) * 1e3 }
        return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
    }

    @inline(__always)
    package static func measure(_ body: () throws -> Void) rethrows -> Elapsed {
        let cpu = cpu()
        let wall = now()
        try body()
        let end = now()
        return Elapsed(wall: end - wall, cpu: Self.cpu() - cpu)
    }
}

/// Uses a result in a way that no optimizer sees through.
@inline(never)
@_optimize(none)
package func keep(_ word: UInt64) {}
