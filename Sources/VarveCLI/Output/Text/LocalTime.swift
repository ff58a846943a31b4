import Glibc
import Varve

/// Times as the people here read them: local, with the offset from UTC.
struct LocalTime: Hashable {
    /// `2026-11-26 +01:00`.
    let day: String
    /// `12:48:00`.
    let clock: String

    /// Nil: there is no time.
    init?(_ nanoseconds: Int64) {
        guard nanoseconds != .min else { return nil }
        var seconds = time_t(nanoseconds / 1_000_000_000)
        if nanoseconds % 1_000_000_000 < 0 { seconds -= 1 }
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let offset = Int(parts.tm_gmtoff) / 60
        let sign = offset < 0 ? "-" : "+"
        let zone = "\(sign)\(two(offset.magnitude.signedValue / 60)):\(two(offset.magnitude.signedValue % 60))"
        day = "\(Int(parts.tm_year) + 1900)-\(two(Int(parts.tm_mon) + 1))-\(two(Int(parts.tm_mday))) \(zone)"
        clock = "\(two(Int(parts.tm_hour))):\(two(Int(parts.tm_min))):\(two(Int(parts.tm_sec)))"
    }
}

extension UInt {
    fileprivate var signedValue: Int { Int(clamping: self) }
}
