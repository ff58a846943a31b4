import Glibc
import Varve
import VarvePlot

/// Numbers, sizes and times as people read them. Machines get the exact values instead.
enum HumanText {
    /// Six significant digits: `0.1`, `1.23457e-05`, `NaN`, `∞`.
    static func number(_ value: Double, digits: Int32 = 6) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "∞" : "-∞" }
        var buffer: [CChar] = Array(repeating: 0, count: 64)
        let count = withVaList([digits, value]) { vsnprintf(&buffer, buffer.count, "%.*g", $0) }
        return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// With a thin grouping of thousands: `12,345`.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }

    /// Three digits or so: `950`, `12.3 k`, `4.56 M`.
    static func rounded(_ value: Double) -> String { scaled(value, by: 1000, units: ["", " k", " M", " G", " T"]) }

    /// `512 B`, `1.50 KiB`, `64.0 MiB`.
    static func bytes(_ number: Int) -> String {
        scaled(Double(number), by: 1024, units: [" B", " KiB", " MiB", " GiB", " TiB", " PiB"])
    }

    private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
        var value = value
        var unit = 0
        while value.magnitude >= base * 0.9995, unit + 1 < units.count {
            value /= base
            unit += 1
        }
        if unit == 0 { return "\(Int(value.rounded()))\(units[0])" }
        return fixed(value, decimals: value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + units[unit]
    }

    /// So many digits after the point.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var unit = 1.0
        for _ in 0..<decimals { unit *= 10 }
        let scaled = (value * unit).rounded()
        guard scaled.magnitude < 1e15 else { return number(value) }
        let digits = String(Int(scaled.magnitude))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        if decimals == 0 { return sign + padded }
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// `0.40 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "?" }
        let seconds = max(0, seconds)
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 9.95 { return "\(fixed(seconds, decimals: 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min" }
        return "\(whole / 86_400) d \(whole / 3600 % 24) h"
    }

    /// How long ago, or the day if that is a week ago and more.
    static func ago(_ time: Int64, now: Int64) -> String {
        let seconds = (Double(now) - Double(time)) / 1e9
        switch seconds {
        case ..<(-1): return day(time)
        case ..<1.5: return "just now"
        case ..<59.5: return "\(Int(seconds.rounded())) s ago"
        case ..<3570: return "\(Int((seconds / 60).rounded())) min ago"
        case ..<84_600: return "\(Int((seconds / 3600).rounded())) h ago"
        case ..<604_800: return "\(Int((seconds / 86_400).rounded())) d ago"
        default: return day(time)
        }
    }

    private static func day(_ time: Int64) -> String { String(TimeText.text(time).prefix(10)) }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `1 run`, `2 runs`.
    static func plural(_ number: Int, _ noun: String, _ nouns: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? noun : nouns ?? noun + "s")"
    }

    /// The columns that text takes on a terminal: two for wide East Asian characters and emoji, none for marks.
    static func width(_ text: String) -> Int { PlainText.width(text) }

    /// Text that can't move the cursor or break a line: control characters become `�`, line breaks and tabs a space.
    static func harmless(_ text: String) -> String { PlainText.harmless(text) }

    /// At most so many columns, with an ellipsis where something was cut off.
    static func clipped(_ text: String, to columns: Int) -> String { PlainText.clipped(text, to: columns) }
}
