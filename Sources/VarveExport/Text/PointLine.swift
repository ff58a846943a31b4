import Varve
import VarveImport

/// Writes one line a point into memory that has room for it: the kernel of ``PointFormatter``.
struct PointLine {
    let form: PointFormatter.Form
    /// What stands before the step.
    let head: UnsafeBufferPointer<UInt8>
    /// What stands behind the value, the line's end with it.
    let tail: UnsafeBufferPointer<UInt8>

    /// Room that a line takes, with what the kernels write behind it.
    var room: Int { head.count + tail.count + 3 * 32 + 32 + DecimalText.room + TimeText.room }

    /// Writes the line of a point at the start of `target`. Returns its length.
    func write(
        step: Int, time: Int64, value: Double, _ date: inout TimeText.Date, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var text = target + Self.put(head, at: target)
        text += DecimalText.write(Int64(step), to: text)
        switch form {
        case .csv, .tsv:
            let separator = form == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")
            text[0] = separator
            text += 1
            if time != WallTime.none { text += TimeText.write(time, &date, to: text) }
            text[0] = separator
            text += 1
            text += Self.write(value, to: text)
        case .jsonl:
            if time == WallTime.none {
                text += Self.put(",\"time\":null,\"value\":", at: text)
            } else {
                text += Self.put(",\"time\":\"", at: text)
                text += TimeText.write(time, &date, to: text)
                text += Self.put("\",\"value\":", at: text)
            }
            if value.isFinite {
                text += DecimalText.write(value, to: text)
            } else {
                text[0] = UInt8(ascii: "\"")
                text += 1 + Self.put(Self.name(value), at: text + 1)
                text[0] = UInt8(ascii: "\"")
                text += 1
            }
        }
        return text + Self.put(tail, at: text) - target
    }

    private static func put(_ bytes: UnsafeBufferPointer<UInt8>, at target: UnsafeMutablePointer<UInt8>) -> Int {
        if let base = bytes.baseAddress { target.update(from: base, count: bytes.count) }
        return bytes.count
    }

    /// A number as it stands in CSV.
    static func write(_ value: Double, to text: UnsafeMutablePointer<UInt8>) -> Int {
        value.isFinite ? DecimalText.write(value, to: text) : put(name(value), at: text)
    }

    private static func put(_ text: StaticString, at target: UnsafeMutablePointer<UInt8>) -> Int {
        target.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }

    private static func name(_ value: Double) -> StaticString {
        value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
    }
}
