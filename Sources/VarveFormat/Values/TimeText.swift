/// Times as text, in UTC: `2026-11-23T10:00:00.000001Z` (ISO 8601, RFC 3339).
///
/// The calendar is the proleptic Gregorian one, as in RFC 3339; days are counted after H. Hinnant, "chrono-compatible
/// low-level date algorithms" (2013).
package enum TimeText {
    /// The text of a time in nanoseconds since 1970. The fraction has 0, 3, 6 or 9 digits, the fewest that are exact.
    package static func text(_ time: Int64) -> String {
        let (seconds, nanoseconds) = split(time, by: 1_000_000_000)
        let (day, second) = split(seconds, by: 86_400)
        let date = date(ofDay: day)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if nanoseconds % 1_000_000 == 0 {
            if nanoseconds != 0 { text += ".\(padded(nanoseconds / 1_000_000, 3))" }
        } else if nanoseconds % 1000 == 0 {
            text += ".\(padded(nanoseconds / 1000, 6))"
        } else {
            text += ".\(padded(nanoseconds, 9))"
        }
        return text + "Z"
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
        let (whole, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(nanoseconds)
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

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
