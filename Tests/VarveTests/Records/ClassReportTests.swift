import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// What is derived from confusion matrices and histograms: against scikit-learn 1.7's numbers of the same matrices, and by hand.
@Suite struct ClassReportTests {
    private static func near(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude <= 1e-15 }

    /// precision, recall, F1 and support of each class, then the accuracy, then the macro and the weighted mean.
    private func expect(_ report: ClassReport, _ rows: [(String, [Double])], accuracy: Double) {
        let found = report.classes + [report.macro, report.weighted]
        #expect(found.map(\.label) == rows.map(\.0))
        for (row, expected) in zip(found, rows) {
            for (value, wanted) in zip([row.precision, row.recall, row.f1, row.support], expected.1) {
                #expect(Self.near(value, wanted), "\(row.label): \(value), not \(wanted)")
            }
        }
        #expect(Self.near(report.accuracy, accuracy))
    }

    @Test func agreesWithScikitLearn() throws {
        let matrix = try ConfusionMatrix(
            labels: ["google-doc", "google-drive", "google-music", "google-search", "youtube"],
            counts: [[80, 0, 0, 0, 0], [1, 72, 7, 0, 0], [1, 0, 78, 1, 0], [0, 0, 0, 80, 0], [0, 0, 0, 0, 80]])
        expect(
            ClassReport(matrix),
            [
                ("google-doc", [0.975609756097561, 1, 0.9876543209876543, 80]),
                ("google-drive", [1, 0.9, 0.9473684210526315, 80]),
                ("google-music", [0.9176470588235294, 0.975, 0.9454545454545454, 80]),
                ("google-search", [0.9876543209876543, 1, 0.9937888198757764, 80]),
                ("youtube", [1, 1, 1, 80]), ("macro avg", [0.976182227181749, 0.975, 0.9748532214741215, 400]),
                ("weighted avg", [0.976182227181749, 0.975, 0.9748532214741215, 400]),
            ], accuracy: 0.975)
    }

    /// A class that nothing was taken for, and one that has no examples.
    @Test func agreesWithScikitLearnWhereItDividesByZero() throws {
        let matrix = try ConfusionMatrix(
            labels: ["a", "b, \"c\"", "never", "d"],
            counts: [[0, 3, 0, 0], [1, 5, 0, 2], [0, 0, 0, 0], [0, 2, 0, 7]])
        expect(
            ClassReport(matrix),
            [
                ("a", [0, 0, 0, 3]), ("b, \"c\"", [0.5, 0.625, 0.5555555555555556, 8]), ("never", [0, 0, 0, 0]),
                ("d", [0.7777777777777778, 0.7777777777777778, 0.7777777777777778, 9]),
                ("macro avg", [0.3194444444444444, 0.3506944444444444, 0.33333333333333337, 20]),
                ("weighted avg", [0.55, 0.6, 0.5722222222222222, 20]),
            ], accuracy: 0.6)
        let empty = ClassReport(try ConfusionMatrix(labels: [], counts: [[Int]]()))
        #expect(empty.accuracy == 0 && empty.macro.f1 == 0 && empty.weighted.support == 0)
    }

    @Test func cellsAndTotals() throws {
        let matrix = try ConfusionMatrix(labels: ["x", "y"], truth: [0, 0, 1, 1, 1], predicted: [0, 1, 1, 1, 0])
        #expect(matrix == (try ConfusionMatrix(labels: ["x", "y"], counts: [[1, 1], [1, 2]])))
        #expect(matrix[0, 1] == 1 && matrix[1, 1] == 2 && matrix[5, 0] == 0 && matrix[0, -1] == 0)
        #expect(matrix.total == 5 && matrix.truthTotals == [2, 3] && matrix.predictedTotals == [2, 3])
        #expect(matrix.diagonal == [1, 2])
        let rows = matrix.normalised(by: .truth)
        #expect(rows[0, 0] == 0.5 && Self.near(rows[1, 1], 2.0 / 3))
        #expect(Self.near(matrix.normalised(by: .all).total, 1))
        #expect(matrix.normalised(by: .predicted).predictedTotals == [1, 1])
        #expect(try matrix.divided(by: 2)[1, 1] == 1)
        #expect(throws: VarveError.self) { try matrix.divided(by: 0) }
    }

    @Test func sumsGoByNameOfClass() throws {
        let a = try ConfusionMatrix(labels: ["x", "y"], counts: [[1, 2], [3, 4]])
        let b = try ConfusionMatrix(labels: ["y", "z"], counts: [[10, 20], [30, 40]])
        let sum = try ConfusionMatrix.sum([a, b])
        #expect(
            sum == (try ConfusionMatrix(labels: ["x", "y", "z"], counts: [[1, 2, 0], [3, 14, 20], [0, 30, 40]])))
        #expect(try ConfusionMatrix.sum([a, a]) == ConfusionMatrix(labels: ["x", "y"], counts: [[2, 4], [6, 8]]))
        #expect(try ConfusionMatrix.sum([]).labels == [])
        let mean = ClassReport.mean([ClassReport(a), ClassReport(b)])
        #expect(mean.classes.map(\.label) == ["x", "y", "z"])
        #expect(mean.classes[0] == ClassReport(a).classes[0])
        #expect(mean.classes[1].support == 18.5)
    }

    @Test func histogramCounts() throws {
        let histogram = try Histogram(of: [0, 0.5, 1, 1.5, 2, 2, .nan, .infinity], bins: 2)
        #expect(histogram.edges == [0, 1, 2] && histogram.counts == [2, 4] && histogram.total == 6)
        #expect(try Histogram(of: [3, 3], bins: 3).counts.reduce(0, +) == 2)
        let wide = try Histogram(of: [-.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude], bins: 4)
        #expect(wide.edges.allSatisfy(\.isFinite) && wide.counts == [1, 0, 1, 1])
        #expect(try Histogram.sum([histogram, histogram]).counts == [4, 8])
        #expect(throws: VarveError.self) { try Histogram.sum([histogram, wide]) }
        #expect(throws: VarveError.self) { try Histogram.sum([]) }
        // No edge below the one before it, whatever the values.
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            let values = (0..<5).map { _ in Double(bitPattern: random.next()) }
            guard let made = try? Histogram(of: values, bins: Int(random.next() % 100) + 1) else { continue }
            #expect(made.total == Double(values.filter(\.isFinite).count), "\(values)")
        }
    }
}
