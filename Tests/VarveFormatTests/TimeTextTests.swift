import Testing
import VarveTestSupport

@testable import VarveFormat

/// Shows that times become RFC 3339 text and come back exactly, by known dates, by random times over the whole range of 64
/// bits, and by texts that must be refused.
struct TimeTextTests {
    @Test func knownTimes() {
        let known: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00Z"), (1_000_000, "1970-01-01T00:00:00.001Z"),
            (1_795_428_000_000_001_000, "2026-11-23T10:00:00.000001Z"), (250_000_000, "1970-01-01T00:00:00.250Z"),
            (.min + 1, "1677-09-21T00:12:43.145224193Z"),
            (.max, "2262-04-11T23:47:16.854775807Z"), (.min + 854_775_808, "1677-09-21T00:12:44Z"),
        ]
        for (time, text) in known {
            #expect(TimeText.text(time) == text)
            #expect(TimeText.time(text) == time)
        }
    }

    @Test func everyTimeComesBack() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            // The lowest second can't be read back as a whole: its start lies below Int64.min.
            let time = Int64.random(in: (.min + 1_000_000_000)...(.max), using: &generator)
            let unit: Int64 = [1, 1000, 1_000_000, 1_000_000_000].randomElement(using: &generator) ?? 1
            let rounded = time / unit * unit
            #expect(TimeText.time(TimeText.text(rounded)) == rounded, "\(rounded)")
        }
    }

    @Test func otherSpellings() {
        let ten: Int64 = 1_795_428_000_000_000_000
        for text in [
            "2026-11-23T10:00", "2026-11-23 10:00:00", "2026-11-23t10:00:00z", "2026-11-23T12:00:00+02:00",
            "2026-11-23T04:30:00-0530", "2026-11-23 10:00:00.0",
        ] {
            #expect(TimeText.time(text) == ten, "\(text)")
        }
        #expect(TimeText.time("2026-11-23") == ten - 36_000_000_000_000)
        #expect(TimeText.time("1970-01-01T00:00:00.1234567891") == 123_456_789)
    }

    @Test func nonsense() {
        for text in [
            "", "2026", "2026-13-01", "2026-02-30", "2026-11-23T", "2026-11-23T24:00", "2026-11-23T10:60",
            "2026-11-23T10:00:60", "2026-11-23T10:00:00.", "2026-11-23T10:00Zx", "2026-11-23T10:00+1", "9999-01-01",
            "0001-01-01", "2026-11-23x", "2026-00-10", "2026-01-00", "１９７０-01-01",
        ] {
            #expect(TimeText.time(text) == nil, "\(text)")
        }
    }
}
