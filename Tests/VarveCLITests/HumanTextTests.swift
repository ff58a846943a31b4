import Testing

@testable import VarveCLI

/// Shows how numbers, sizes, times and hostile text look to people, by examples at the edges of each form.
struct HumanTextTests {
    @Test func numbers() {
        #expect(HumanText.number(0.1) == "0.1")
        #expect(HumanText.number(1.0 / 3) == "0.333333")
        #expect(HumanText.number(-1.2345678e-5) == "-1.23457e-05")
        #expect(HumanText.number(.nan) == "NaN" && HumanText.number(-.infinity) == "-∞")
        #expect(
            HumanText.count(0) == "0" && HumanText.count(999) == "999" && HumanText.count(-1_234_567) == "-1,234,567")
        #expect(HumanText.count(.min) == "-9,223,372,036,854,775,808")
        #expect(HumanText.rounded(950) == "950" && HumanText.rounded(12_345) == "12.3 k")
        #expect(HumanText.rounded(999_600) == "1.00 M" && HumanText.rounded(4_560_000) == "4.56 M")
        #expect(HumanText.bytes(0) == "0 B" && HumanText.bytes(1023) == "1023 B" && HumanText.bytes(1536) == "1.50 KiB")
        #expect(HumanText.bytes(64 << 20) == "64.0 MiB" && HumanText.bytes(200 << 20) == "200 MiB")
        #expect(HumanText.fixed(-0.25, decimals: 1) == "-0.3" && HumanText.fixed(3, decimals: 2) == "3.00")
    }

    @Test func durations() {
        let known: [(Double, String)] = [
            (0, "0 ms"), (0.25, "250 ms"), (0.9996, "1.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (200, "3 min 20 s"),
            (7500, "2 h 05 min"), (273_600, "3 d 4 h"), (-1, "0 ms"), (.infinity, "?"),
        ]
        for (seconds, text) in known { #expect(HumanText.duration(seconds: seconds) == text) }
    }

    @Test func timesAgo() {
        let now: Int64 = 1_795_428_000_000_000_000
        func ago(_ seconds: Int64) -> String { HumanText.ago(now - seconds * 1_000_000_000, now: now) }
        #expect(
            [ago(0), ago(12), ago(90), ago(3600), ago(86_400)] == [
                "just now", "12 s ago", "2 min ago", "1 h ago", "1 d ago",
            ])
        #expect(ago(8 * 86_400) == "2026-11-15" && ago(-60) == "2026-11-23")
        #expect(HumanText.ago(.min, now: .max) == "1677-09-21")
    }

    @Test func text() {
        #expect(HumanText.width("aé漢🙂") == 6)
        #expect(HumanText.clipped("resnet50-long", to: 8) == "resnet5…" && HumanText.clipped("short", to: 5) == "short")
        #expect(HumanText.clipped("漢字漢字", to: 5) == "漢字…")
        #expect(HumanText.harmless("a\u{1B}[31mb\nc\td\u{9B}") == "a\u{FFFD}[31mb c d\u{FFFD}")
        #expect(HumanText.plural(1, "run") == "1 run" && HumanText.plural(1200, "run") == "1,200 runs")
    }
}
