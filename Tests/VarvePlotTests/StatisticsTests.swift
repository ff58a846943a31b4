import Testing
import VarveFiles
import VarveStatistics
import VarveTestSupport

@testable import VarvePlot

/// Shows that averages, bands and smoothing are what their definitions say, by computing them as one would by hand, and that
/// Student's quantiles are those of scipy.
struct StatisticsTests {
    /// Made by `scipy.stats.t.ppf(0.975, df)`, scipy 1.11.
    @Test func studentQuantilesAreThoseOfScipy() throws {
        let known: [(Int, Double)] = [
            (1, 12.706204736432095), (2, 4.302652729696142), (3, 3.182446305284263), (4, 2.7764451051977987),
            (5, 2.5705818366147395), (9, 2.2621571627409915), (10, 2.2281388519649385), (29, 2.045229642132703),
            (30, 2.0422724563012373), (100, 1.9839715184496334), (1000, 1.9623390808264078),
            (100_000, 1.9599877077834322),
        ]
        for (degrees, expected) in known {
            let found = StudentT.quantile(0.975, degrees: Double(degrees))
            #expect((found - expected).magnitude <= expected * 1e-9, "\(degrees): \(found), not \(expected)")
        }
        #expect(StudentT.quantile(0.975, degrees: 0).isNaN)
        #expect(StudentT.quantile(1, degrees: 3).isNaN)
    }

    @Test func bandsAreThoseOfTheDefinitions() {
        withSeeds(0..<500) { _, random in
            let values = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                Double.random(in: -10...10, using: &random)
            }
            var sum = SpreadSum()
            for value in values { sum.add(value, extremes: (value, value), keepsValues: true) }
            let n = Double(values.count)
            let mean = values.reduce(0, +) / n
            let deviation = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (n - 1)).squareRoot()
            func near(_ a: Double?, _ b: Double) throws {
                try require(a.map { ($0 - b).magnitude < 1e-9 } ?? false, "\(String(describing: a)), not \(b)")
            }
            let range = sum.spread(.minMax)
            try near(range?.middle, mean)
            try near(range?.low, values.min() ?? 0)
            try near(range?.high, values.max() ?? 0)
            let none = sum.spread(.none)
            try require(
                none?.low == nil && none?.high == nil && none?.count == values.count, "\(String(describing: none))")
            let standard = sum.spread(.standardDeviation)
            let confidence = sum.spread(.confidence95)
            if values.count > 1 {
                try near(standard?.high, mean + deviation)
                let half = StudentT.quantile(0.975, degrees: n - 1) * deviation / n.squareRoot()
                try near(confidence?.low, mean - half)
                try near(confidence?.high, mean + half)
            } else {
                try require(standard?.low == nil && confidence?.low == nil, "one value has no deviation")
            }
            let sorted = values.sorted()
            let share = Double.random(in: 0...1, using: &random)
            let place = share * (n - 1)
            let below = sorted[Int(place)]
            let above = sorted[min(values.count - 1, Int(place) + 1)]
            try near(
                sum.spread(.quantiles(share, share))?.low, below + (above - below) * (place - place.rounded(.down)))
            let quantiles = sum.spread(.quantiles(0.75, 0.25))
            try near(quantiles?.middle, try #require(Sample(values).median))
            try require((quantiles?.low ?? 1) <= (quantiles?.high ?? 0), "\(String(describing: quantiles))")
        }
    }

    /// TensorBoard's: a running average that begins at 0, divided by 1 − weight to the power of the number of values.
    @Test func smoothingIsTensorBoards() {
        withSeeds(0..<200) { _, random in
            let weight = Double.random(in: 0...0.99, using: &random)
            var smoother = Smoother(weight: weight)
            var (last, power) = (0.0, 1.0)
            for _ in 0..<300 {
                let odd = Int.random(in: 0..<10, using: &random) == 0
                let value = odd ? Double.nan : Double.random(in: -5...5, using: &random)
                let smoothed = smoother.smoothed(value)
                if odd {
                    try require(smoothed.isNaN, "\(smoothed)")
                    continue
                }
                last = last * weight + (1 - weight) * value
                power *= weight
                let expected = last / (1 - power)
                try require((smoothed - expected).magnitude < 1e-9, "\(smoothed), not \(expected)")
            }
        }
    }

    @Test func greatNumbersStayFinite() {
        var sum = SpreadSum()
        var smoother = Smoother(weight: 0.9)
        for value in [1.7e308, -1.7e308, 1.7e308] {
            sum.add(value, extremes: (value, value), keepsValues: true)
            #expect(smoother.smoothed(value).isFinite)
        }
        for band in [Band.none, .minMax, .standardDeviation, .confidence95, .quantiles(0, 1)] {
            let spread = sum.spread(band)
            #expect(spread?.middle.isFinite == true && spread?.low?.isFinite ?? true && spread?.high?.isFinite ?? true)
        }
    }
}
