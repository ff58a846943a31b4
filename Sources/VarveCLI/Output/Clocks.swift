import Glibc

/// Nanoseconds that never go back.
@Sendable func monotonicTime() -> Int64 { time(CLOCK_MONOTONIC) }

/// Nanoseconds since 1970.
@Sendable func wallTime() -> Int64 { time(CLOCK_REALTIME) }

/// Where progress goes: standard error, at once.
@Sendable func writeProgress(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

private func time(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
