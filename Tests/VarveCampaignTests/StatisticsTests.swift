import Foundation
import Testing
import Varve

@testable import VarveCampaign
@testable import VarveStatistics

/// Shows that statistics are SciPy's: scipy.json was made by scipy_table.py, which says with which versions. Twelve digits
/// must agree, more than anything prints; probabilities in far tails by what their logarithm says.
@Suite struct StatisticsTests {
    private static let table: JSONValue = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("scipy.json")
        return (try? JSONValue(parsing: String(contentsOf: file, encoding: .utf8))) ?? .null
    }()

    private func rows(_ key: String) throws -> [JSONValue] {
        let rows = try #require(Self.table[key]?.arrayValue)
        #expect(rows.count > 10)
        return rows
    }

    private func numbers(_ value: JSONValue?) throws -> [Double] {
        try #require(value?.arrayValue).map { try #require($0.doubleValue) }
    }

    private func agrees(_ found: Double?, _ expected: Double?, _ relative: Double = 1e-12, absolute: Double = 0) -> Bool
    {
        guard let found, let expected else { return found == nil && expected == nil }
        return (found - expected).magnitude <= max(absolute, relative * expected.magnitude)
    }

    @Test func quantilesOfT() throws {
        for row in try rows("t_quantiles").map({ try numbers($0) }) {
            let found = StudentT.quantile(row[1], degrees: row[0])
            #expect(agrees(found, row[2]), "df \(row[0]), \(row[1]): \(found), \(row[2])")
        }
    }

    @Test func tailsOfT() throws {
        for row in try rows("t_tails").map({ try numbers($0) }) {
            let found = StudentT.twoSided(row[1], degrees: row[0])
            #expect(
                agrees(found, row[2], row[2] < 1e-30 ? 1e-10 : 1e-12), "df \(row[0]), t \(row[1]): \(found), \(row[2])")
            #expect(StudentT.twoSided(-row[1], degrees: row[0]) == found)
        }
    }

    @Test func incompleteBeta() throws {
        for row in try rows("beta").map({ try numbers($0) }) {
            let found = IncompleteBeta.regularised(row[0], row[1], row[2])
            #expect(agrees(found, row[3], 5e-12, absolute: 1e-300), "\(row): \(found)")
        }
    }

    @Test func samples() throws {
        for row in try rows("samples") {
            let sample = Sample(try numbers(row["values"]))
            // A mean of numbers that cancel has their rounding; so has everything that is made of it.
            let size = sample.values.reduce(0) { max($0, $1.magnitude) } * 1e-15
            #expect(agrees(sample.mean, row["mean"]?.doubleValue, absolute: size))
            #expect(agrees(sample.standardDeviation, row["std"]?.doubleValue, absolute: size))
            #expect(agrees(sample.ci95, row["ci95"]?.doubleValue, absolute: 13 * size))
            #expect(agrees(sample.ci95, row["statsmodels"]?.doubleValue, absolute: 13 * size))
            #expect(agrees(sample.median, row["median"]?.doubleValue))
            for pair in try #require(row["quantiles"]?.arrayValue).map({ try numbers($0) }) {
                #expect(agrees(sample.quantile(pair[0]), pair[1], absolute: size), "\(pair)")
            }
        }
    }

    @Test func pairedTests() throws {
        for row in try rows("pairs") {
            let test = PairedTest(Array(zip(try numbers(row["first"]), try numbers(row["second"]))))
            let ranks = try #require(test.signedRanks)
            #expect(ranks.statistic == row["statistic"]?.doubleValue)
            #expect(agrees(ranks.probability, row["wilcoxon"]?.doubleValue), "\(test.count): \(ranks)")
            #expect(agrees(ranks.rankBiserial, row["biserial"]?.doubleValue))
            #expect(
                agrees(test.t, row["t"]?.doubleValue, 1e-11) && agrees(test.tProbability, row["p"]?.doubleValue, 1e-10))
            #expect(agrees(test.cohensD, row["d"]?.doubleValue, 1e-11))
        }
    }

    /// What SciPy answers with NaN and warnings has no value here.
    @Test func whatHasNoValue() {
        let none = Sample([])
        #expect(none.mean == nil && none.median == nil && none.standardDeviation == nil && none.ci95 == nil)
        let one = Sample([3])
        #expect(one.mean == 3 && one.median == 3 && one.min == 3 && one.standardDeviation == nil && one.ci95 == nil)
        let diverged = Sample([1, .nan, 3, .infinity, -.infinity, .nan])
        #expect(diverged.count == 2 && diverged.nan == 2 && diverged.infinite == 2 && diverged.mean == 2)
        #expect(Sample([.greatestFiniteMagnitude, .greatestFiniteMagnitude]).mean == .greatestFiniteMagnitude)
        #expect(Sample([1, 1]).ci95 == 0 && Sample([1, 2]).quantile(1.5) == nil)
        #expect(PairedTest([(1, 0), (2, 1)]).t == nil && PairedTest([(1, 1)]).signedRanks == nil)
        #expect(StudentT.quantile(0.5, degrees: 3) == 0 && StudentT.quantile(1, degrees: 3).isNaN)
        #expect(StudentT.twoSided(.infinity, degrees: 3) == 0 && StudentT.twoSided(1, degrees: 0).isNaN)
    }
}
