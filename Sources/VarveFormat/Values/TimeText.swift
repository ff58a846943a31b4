/// Times as text, in UTC: `2026-11-23T10:00:00.000001Z` (ISO 8601, RFC 3339).
///
/// The calendar is the proleptic Gregorian one, as in RFC 3339; days are counted after H. Hinnant, "chrono-compatible
/// low-level date algorithms" (2013).
package enum TimeText {
    /// The text of a time in nanoseconds since 1970. The fraction has 0, 3, 6 or 9 digits, the fewest that are exact.
    package static func text(_ time: Int64) -> String {
        String(unsafeUninitializedCapacity: room) { target in
            var date = Date()
            return target.baseAddress.map { write(time, &date, to: $0) } ?? 0
        }
    }

    /// Appends the text of a time to `bytes`.
    package static func append(_ time: Int64, to bytes: inout [UInt8]) {
        bytes.append(room: room) { target in
            var date = Date()
            return write(time, &date, to: target)
        }
    }

    /// Room that a target must have, though no time takes more than 30 of it.
    package static let room = 40

    /// The text of the day that was written last: most times are of the same one as the time before.
    package struct Date {
        fileprivate var day = Int64.min
        /// `2026-11-`, and `23T` with a byte behind it.
        fileprivate var text: (UInt64, UInt32) = (0, 0)

        package init() {}
    }

    /// Writes the text of a time at the start of `target`. Returns its length.
    package static func write(_ time: Int64, _ date: inout Date, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let (seconds, nanoseconds) = split(time, by: 1_000_000_000)
        let (day, second) = split(seconds, by: 86_400)
        // Each number is written with garbage behind it, and the next one over that.
        func part(_ offset: Int, _ number: Int64, digits: Int, _ end: Unicode.Scalar) {
            DecimalText.write(number, digits: digits, to: target + offset)
            target[offset + digits] = UInt8(truncatingIfNeeded: end.value)
        }
        let start = UnsafeMutableRawPointer(target)
        if day == date.day {
            start.storeBytes(of: date.text.0, as: UInt64.self)
            start.storeBytes(of: date.text.1, toByteOffset: 8, as: UInt32.self)
        } else {
            let (year, month, monthDay) = self.date(ofDay: day)
            // From 1677 to 2262.
            part(0, year, digits: 4, "-")
            part(5, month, digits: 2, "-")
            part(8, monthDay, digits: 2, "T")
            date.day = day
            date.text = (start.loadUnaligned(as: UInt64.self), start.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        }
        // hhmmss as one number, so that its digits are split at once; then hours move forward by one place, seconds back.
        let clock = second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60
        DecimalText.write(clock, digits: 6, to: target + 12)
        target[11] = target[12]
        target[12] = target[13]
        target[13] = UInt8(ascii: ":")
        (target[18], target[17]) = (target[17], target[16])
        target[16] = UInt8(ascii: ":")
        target[19] = UInt8(ascii: ".")
        let milliseconds = nanoseconds / 1_000_000
        if nanoseconds == 0 {
            target[19] = UInt8(ascii: "Z")
            return 20
        }
        if nanoseconds % 1_000_000 == 0 {
            part(20, milliseconds, digits: 3, "Z")
            return 24
        }
        if nanoseconds % 1000 == 0 {
            part(20, nanoseconds / 1000, digits: 6, "Z")
            return 27
        }
        part(20, milliseconds, digits: 3, "Z")
        part(23, nanoseconds % 1_000_000, digits: 6, "Z")
        return 30
    }

    /// Reads `2026-11-23`, `2026-11-23T10:00`, `2026-11-23 10:00:00.25` with nothing, `Z` or `±hh:mm` behind it; nil
    /// for
    /// anything else, for dates that don't exist, and beyond what 64 bits of nanoseconds hold (1677 to 2262). Without a
    /// zone it is UTC. Digits after the ninth of a fraction are dropped.
    package static func time(_ text: some StringProtocol) -> Int64? {
        var scanner = Scanner(Array(text.utf8))
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2), (1...12).contains(month), day >= 1
        else { return nil }
        let days = self.day(ofYear: year, month: month, day: day)
        guard self.date(ofDay: days) == (year, month, day) else { return nil }
        var seconds = days * 86_400
        var nanoseconds: Int64 = 0
        if scanner.take("T") || scanner.take("t") || scanner.take(" ") {
            guard let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2), hour < 24,
                minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if scanner.take(":") {
                guard let second = scanner.digits(2), second < 60 else { return nil }
                seconds += second
                if scanner.take(".") {
                    guard let fraction = scanner.fraction() else { return nil }
                    nanoseconds = fraction
                }
            }
            if !scanner.take("Z"), !scanner.take("z"), !scanner.isAtEnd {
                let isWest = scanner.take("-")
                guard isWest || scanner.take("+"), let hour = scanner.digits(2), hour < 24 else { return nil }
                _ = scanner.take(":")
                guard let minute = scanner.digits(2), minute < 60 else { return nil }
                let shift = hour * 3600 + minute * 60
                seconds += isWest ? shift : -shift
            }
        }
        guard scanner.isAtEnd else { return nil }
        // Before 1970 the next second less the rest: in the first second that 64 bits reach into the whole one is beyond them.
        let isEarly = seconds < 0 && nanoseconds > 0
        let (whole, over) = (isEarly ? seconds + 1 : seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(isEarly ? nanoseconds - 1_000_000_000 : nanoseconds)
        return over || carry ? nil : sum
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0
        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private mutating func digit() -> Int64? {
            guard index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") else {
                return nil
            }
            defer { index += 1 }
            return Int64(bytes[index] - UInt8(ascii: "0"))
        }

        mutating func digits(_ count: Int) -> Int64? {
            var number: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        mutating func fraction() -> Int64? {
            guard var number = digit() else { return nil }
            var count = 1
            while let digit = digit() {
                if count < 9 { number = number * 10 + digit }
                count += 1
            }
            while count < 9 {
                number *= 10
                count += 1
            }
            return number
        }
    }

    private static func split(_ number: Int64, by unit: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: unit)
        return remainder < 0 ? (quotient - 1, remainder + unit) : (quotient, remainder)
    }

    private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
        // Years begin in March, so that the leap day is the last one; eras are the 400 years after which it all
        // repeats.
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = split(shifted, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = split(number + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
