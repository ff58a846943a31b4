import Varve

/// A number with a unit right behind it, as people print them: `91.2%`, `554.35ms`, `3000M`, `1.07s/it`.
///
/// The number is taken as it stands there, since what a unit means is for people to say: `91.2%` is 91.2, and `2.4k` is 2.4.
/// So the numbers of a series are only comparable if their units are the same, which readers of tables and logs see to.
struct MeasuredNumber {
    let number: DecimalNumber
    /// The unit; empty: none.
    let unit: String

    /// The units that are known. Others aren't numbers but words that begin with a digit (`3d`, `50k-images`, `7b3f`).
    private static let units: Set<String> = [
        "%", "s", "sec", "secs", "second", "seconds", "ms", "us", "µs", "ns", "m", "min", "mins", "h", "hr", "hrs",
        "hours",
        "b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "k", "g", "t", "bytes", "hz", "khz", "mhz", "ghz", "w",
        "kw",
        "wh", "kwh", "j", "c", "°c", "db", "it/s", "s/it", "fps", "x", "px", "flops", "gflops", "tflops", "tflop/s",
        "gflop/s",
    ]
    /// What rates count: `img/s`, `tokens/sec`, `ms/step`.
    private static let perUnits: Set<String> = [
        "s", "sec", "second", "it", "iter", "step", "batch", "sample", "epoch", "img", "image", "token", "gpu", "min",
        "h",
    ]
    private static let maxUnitBytes = 16

    /// Reads a number with a unit, or without; white space may stand between them.
    init?(_ text: RawSpan) {
        let length = Self.numberLength(text)
        guard length > 0, let number = DecimalNumber(text.extracting(0..<length)) else { return nil }
        let rest = CellValue.trimmed(text.extracting(length..<text.byteCount))
        guard rest.byteCount <= Self.maxUnitBytes else { return nil }
        let unit = rest.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard unit.isEmpty || Self.isUnit(unit) else { return nil }
        self.number = number
        self.unit = unit
    }

    /// Whether a word stands for a unit.
    static func isUnit(_ word: String) -> Bool {
        let lowered = word.lowercased()
        if units.contains(lowered) { return true }
        guard let slash = lowered.lastIndex(of: "/") else { return false }
        return perUnits.contains(String(lowered[lowered.index(after: slash)...]))
            && lowered.utf8.count <= maxUnitBytes && lowered[..<slash].allSatisfy { $0.isLetter || $0 == "/" }
    }

    /// How many bytes at the beginning of a text are a number.
    static func numberLength(_ text: RawSpan) -> Int {
        func byte(_ index: Int) -> UInt8 {
            index < text.byteCount ? text.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) : 0
        }
        func digits(_ start: Int) -> Int {
            var end = start
            while (0x30...0x39).contains(byte(end)) { end += 1 }
            return end
        }
        func isSign(_ index: Int) -> Bool { byte(index) == UInt8(ascii: "-") || byte(index) == UInt8(ascii: "+") }
        let start = isSign(0) ? 1 : 0
        var end = digits(start)
        var count = end - start
        if byte(end) == UInt8(ascii: ".") {
            let fraction = digits(end + 1)
            count += fraction - end - 1
            end = fraction
        }
        guard count > 0 else { return 0 }
        if byte(end) == UInt8(ascii: "e") || byte(end) == UInt8(ascii: "E") {
            let power = isSign(end + 1) ? end + 2 : end + 1
            let last = digits(power)
            if last > power { end = last }
        }
        return end
    }
}
