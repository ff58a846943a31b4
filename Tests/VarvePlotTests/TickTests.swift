import Testing
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that ticks are round, lie on their axis, say what they are, and leave room between their texts: for examples, and for
/// random axes of every size, with ends that nobody would choose.
struct TickTests {
    private func texts(
        _ low: Double, _ high: Double, _ target: Int, _ kind: PlotAxis.Kind = .number, log: Bool = false
    ) -> [String] {
        let axis = PlotAxis("", kind, isLogarithmic: log)
        return Ticks.ticks(axis, Scale(low: low, high: high, isLogarithmic: log), target: target).map(\.text)
    }

    @Test func numbers() {
        #expect(texts(0, 1, 5) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
        #expect(texts(-0.13, 0.27, 4) == ["-0.1", "0", "0.1", "0.2"])
        #expect(texts(0, 100_000, 5) == ["0", "20k", "40k", "60k", "80k", "100k"])
        #expect(texts(2_500_000, 3_000_000, 5) == ["2.5M", "2.6M", "2.7M", "2.8M", "2.9M", "3M"])
        #expect(texts(0, 3e-7, 3) == ["0", "1e-7", "2e-7", "3e-7"])
        #expect(texts(1e20, 3e20, 2) == ["1e20", "2e20", "3e20"])
        #expect(texts(0.12345, 0.12346, 2) == ["0.12345", "0.123455", "0.12346"])
        #expect(texts(0, 2, 10, .step) == ["0", "1", "2"])
    }

    @Test func logarithms() {
        #expect(texts(0.001, 1000, 7, log: true) == ["0.001", "0.01", "0.1", "1", "10", "100", "1000"])
        #expect(texts(1e-12, 1e12, 4, log: true) == ["1e-12", "1e-6", "1", "1M", "1T"])
        #expect(texts(1, 100, 6, log: true) == ["1", "2", "5", "10", "20", "50", "100"])
        #expect(texts(3, 4, 5, log: true) == ["3", "3.2", "3.4", "3.6", "3.8", "4"])
    }

    @Test func durationsAndTimes() {
        #expect(texts(0, 90, 6, .duration) == ["0", "15 s", "30 s", "45 s", "60 s", "75 s", "90 s"])
        #expect(texts(0, 3600, 4, .duration) == ["0", "15 min", "30 min", "45 min", "60 min"])
        #expect(texts(0, 86_400, 4, .duration) == ["0", "6 h", "12 h", "18 h", "24 h"])
        #expect(texts(0, 40 * 86_400, 4, .duration) == ["0", "10 d", "20 d", "30 d", "40 d"])
        #expect(texts(0, 0.3, 3, .duration) == ["0", "0.1 s", "0.2 s", "0.3 s"])
        // 2026-11-23T10:00:00Z
        let start = 1_795_428_000.0
        #expect(texts(start, start + 7200, 4, .time) == ["10:00", "10:30", "11:00", "11:30", "12:00"])
        #expect(
            texts(start, start + 0.4, 4, .time) == ["10:00:00", "10:00:00.1", "10:00:00.2", "10:00:00.3", "10:00:00.4"])
        #expect(texts(start - 36_000, start + 3 * 86_400, 3, .time).first == "2026-11-23")
        #expect(texts(start, start + 86_400, 2, .time) == ["11-23 12:00", "11-24 00:00"])
    }

    @Test func daysAreThoseOfTheCalendar() {
        for (day, text) in [
            (0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (20_780, "2026-11-23"),
            (-719_528, "0000-01-01"),
        ] { #expect(TimeTicks.date(ofDay: day) == text) }
    }

    @Test func ticksAreRoundAndOnTheirAxis() {
        withSeeds(0..<2000) { _, random in
            let scale = HostileNumbers.scale(&random)
            let kind = [PlotAxis.Kind.number, .step, .duration, .time][Int.random(in: 0..<4, using: &random)]
            let axis = PlotAxis("", kind, isLogarithmic: scale.isLogarithmic)
            let target = Int.random(in: 1...40, using: &random)
            let ticks = Ticks.ticks(axis, scale, target: target)
            for tick in ticks {
                try require(scale.contains(tick.value), "\(tick) isn't within \(scale)")
                try require(!tick.text.isEmpty && tick.text.utf8.count < 40, "\(tick)")
            }
            try require(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value }, "\(ticks) \(scale)")
            try require(ticks.count <= 4 * target + 8, "\(ticks.count) ticks of \(target)")
            for number in Ticks.round(scale, target: target) where number.mantissa != 0 {
                // Mantissas are multiples of 1, 2 or 5, and the text says exactly what the value is.
                try require(Double(number.scientific) == number.value, "\(number) \(number.scientific) \(number.value)")
                if number.exponent.magnitude < 15 {
                    try require(Double(number.plain()) == number.value, "\(number.plain()) \(number.value)")
                }
            }
        }
    }

    @Test func textsDoNotTouch() {
        withSeeds(0..<2000) { _, random in
            let scale = HostileNumbers.scale(&random)
            let kind = [PlotAxis.Kind.number, .step, .duration, .time][Int.random(in: 0..<4, using: &random)]
            let axis = PlotAxis("", kind, isLogarithmic: scale.isLogarithmic)
            let length = Double.random(in: 20...1000, using: &random)
            let ticks = Ticks.fitting(axis, scale, most: 12, length: length) {
                TextMeasure.width($0, size: 12) + 8
            }
            for (a, b) in zip(ticks, ticks.dropFirst()) {
                let distance = ((scale.share(of: b.value) ?? 0) - (scale.share(of: a.value) ?? 0)) * length
                let needed = (TextMeasure.width(a.text, size: 12) + TextMeasure.width(b.text, size: 12)) / 2
                try require(distance >= needed, "\(a) and \(b) on \(length)")
            }
        }
    }

    @Test func everyScaleHasAPlaceForItsEnds() {
        withSeeds(0..<2000) { _, random in
            let scale = HostileNumbers.scale(&random)
            try require(scale.low.isFinite && scale.high.isFinite && scale.low < scale.high, "\(scale)")
            for (value, share) in [(scale.low, 0.0), (scale.high, 1.0)] {
                let found = scale.share(of: value) ?? -1
                try require((found - share).magnitude < 1e-6, "\(scale) \(value): \(found)")
            }
            let wide = scale.widened(by: 0.04, below: true, above: true)
            try require(wide.low <= scale.low && wide.high >= scale.high, "\(scale) \(wide)")
        }
    }
}

/// Numbers that break what was written for reasonable ones.
enum HostileNumbers {
    static let all: [Double] = [
        0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude / 100,
        .leastNormalMagnitude, 1e-300, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 1e308, -1e308, .nan, .infinity, -.infinity, 1e15, 1e16, 9_007_199_254_740_992,
        0.1, 1 / 3, 1e9, 1e9 + 1, 123_456_789.123, 1 + .ulpOfOne,
    ]

    static func number(_ random: inout SplitMix64) -> Double {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return all[Int.random(in: 0..<all.count, using: &random)]
        case 1: return Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
        case 2: return Double(Int.random(in: -1000...1000, using: &random))
        case 3: return Double.random(in: -1...1, using: &random)
        default:
            return Double.random(in: 0...1, using: &random)
                * (Double("1e\(Int.random(in: -300...300, using: &random))") ?? 1)
        }
    }

    static func scale(_ random: inout SplitMix64) -> Scale {
        Scale(low: number(&random), high: number(&random), isLogarithmic: Bool.random(using: &random))
    }
}
