import VarveFormat
import VarveImport

/// Times as text: ours is read as it was written, other people's are understood or refused.
struct TimeWords: FuzzTarget {
    static var words: [String] {
        ["2026-11-23", "T", "10:00:00", ".123456789", "Z", "+02:00", "-0830", "1.7e9", "1677", "2262"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "2026-11-23T10:00:00.000001Z", "2026-11-23 10:00", "2024-02-29", "1677-09-21T00:12:43.145224193Z",
            "2262-04-11T23:47:16.854775807+00:00", "1700000000", "1700000000.5", "1700000000000",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let time = TimeText.time(text) {
            try demand(TimeText.time(TimeText.text(time)) == time, "\(text) came back as \(TimeText.text(time))")
        }
        _ = ForeignTime.nanoseconds(input.span.bytes)
        // The first eight bytes as a time: every one of them has a text.
        let time = input.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard time != FormatConstants.noTime else { return }
        try demand(TimeText.time(TimeText.text(time)) == time, "\(time) became \(TimeText.text(time))")
        _ = ForeignTime.nanoseconds(Double(bitPattern: UInt64(bitPattern: time)))
        if let seconds = WallTime.nanoseconds(Double(bitPattern: UInt64(bitPattern: time))) {
            _ = WallTime.seconds(seconds)
        }
    }
}
