import Glibc

/// Ticks of durations: at whole seconds, minutes, hours and days.
enum DurationTicks {
    /// Distances in seconds that clocks are divided by.
    private static let distances: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    ]

    /// The smallest distance that gives about `target` ticks; nil below a second.
    static func distance(_ scale: Scale, target: Int) -> Double? {
        let raw = (scale.high / 2 - scale.low / 2) / (Double(target) / 2)
        if raw <= 0.5 || !raw.isFinite { return nil }
        if let distance = distances.first(where: { $0 >= raw }) { return distance }
        let days = raw / 86_400
        let power = PowersOfTen.power(Int(log10(days).rounded(.down)))
        let share = days / power
        return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power * 86_400
    }

    static func multiples(of distance: Double, _ scale: Scale) -> [Double] {
        let (first, last) = ((scale.low / distance).rounded(.up), (scale.high / distance).rounded(.down))
        guard first <= last, last - first < 1000 else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * distance }.filter { scale.contains($0) }
    }

    static func ticks(_ scale: Scale, target: Int) -> [Tick] {
        guard let distance = distance(scale, target: target) else {
            let numbers = Ticks.round(scale, target: target)
            return zip(numbers, TickText.texts(numbers)).map {
                Tick(value: $0.value, text: $0.mantissa == 0 ? "0" : "\($1) s")
            }
        }
        let last = max(scale.low.magnitude, scale.high.magnitude)
        return multiples(of: distance, scale).map { Tick(value: $0, text: text($0, distance: distance, last: last)) }
    }

    private static func text(_ seconds: Double, distance: Double, last: Double) -> String {
        if seconds == 0 { return "0" }
        guard seconds.magnitude < 1e15 else { return "\(seconds) s" }
        let whole = Int(seconds.magnitude)
        let sign = seconds < 0 ? "-" : ""
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if distance >= 86_400 { return "\(sign)\(whole / 86_400) d" }
        if distance >= 3600, last <= 3600 * 96 { return "\(sign)\(whole / 3600) h" }
        if distance >= 3600 { return "\(sign)\(whole / 86_400) d \(whole / 3600 % 24) h" }
        if distance >= 60, last <= 7200 { return "\(sign)\(whole / 60) min" }
        if distance >= 60 { return "\(sign)\(whole / 3600):\(two(whole / 60 % 60)) h" }
        if last <= 120 { return "\(sign)\(whole) s" }
        return "\(sign)\(whole / 60):\(two(whole % 60)) min"
    }
}

/// Ticks of wall times, in UTC.
enum TimeTicks {
    static func ticks(_ scale: Scale, target: Int) -> [Tick] {
        // Beyond the years that can be written, times are mere numbers.
        guard scale.low > -1e11, scale.high < 1e11 else {
            let numbers = Ticks.round(scale, target: target)
            return zip(numbers, TickText.texts(numbers)).map { Tick(value: $0.value, text: $1) }
        }
        guard let distance = DurationTicks.distance(scale, target: target) else {
            // Nanoseconds are the finest that there are.
            let numbers = Ticks.round(scale, target: target).filter { $0.exponent >= -9 }
            return numbers.map { Tick(value: $0.value, text: fractionOfSecond($0)) }
        }
        let isOneDay = (scale.low / 86_400).rounded(.down) == (scale.high / 86_400).rounded(.down)
        return DurationTicks.multiples(of: distance, scale).map {
            Tick(value: $0, text: text($0, distance: distance, isOneDay: isOneDay))
        }
    }

    /// The time of day with a part of a second.
    private static func fractionOfSecond(_ number: RoundNumber) -> String {
        let whole = number.value.rounded(.down)
        let clock = text(whole, distance: 1, isOneDay: true)
        let digits = number.plain().split(separator: ".")
        // Before 1970 seconds count backwards, and nobody logged anything.
        return digits.count == 2 && number.mantissa > 0 ? "\(clock).\(digits[1])" : clock
    }

    private static func text(_ seconds: Double, distance: Double, isOneDay: Bool) -> String {
        let whole = Int(seconds)
        let inDay = ((whole % 86_400) + 86_400) % 86_400
        let date = Self.date(ofDay: (whole - inDay) / 86_400)
        if distance >= 86_400 { return date }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(inDay / 3600)):\(two(inDay / 60 % 60))" + (distance < 60 ? ":\(two(inDay % 60))" : "")
        return isOneDay ? clock : "\(date.dropFirst(5)) \(clock)"
    }

    /// The text of a day, counted from 1970-01-01 (after H. Hinnant, "chrono-compatible low-level date algorithms", 2013).
    static func date(ofDay day: Int) -> String {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * ofYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(ofYear - (153 * part + 2) / 5 + 1, 2))"
    }
}
