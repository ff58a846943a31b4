import Varve

/// The records of a world: each tells the number of its entry, and all else in it follows from that.
package enum SoakRecord {
    static let name = "record"

    /// The record of an entry: by turns of each kind that there is.
    package static func content(_ number: Int) -> Record.Content? {
        switch number % 3 {
        case 0:
            let counts = [[number, 1], [0, number % 7]]
            return (try? ConfusionMatrix(labels: ["cat", "dog"], counts: counts)).map { .confusionMatrix($0) }
        case 1:
            let counts = [Double(number), 0.5, Double(number % 5)]
            return (try? Histogram(edges: [0, 0.5, 1, 8], counts: counts)).map { .histogram($0) }
        default:
            let row = ClassReport.Row(
                label: "cat", precision: 0.5, recall: 1 / Double(number), f1: 0.25, support: Double(number))
            return (try? ClassReport(classes: [row])).map { .classReport($0) }
        }
    }

    /// The number that a record claims to be.
    static func number(of content: Record.Content) -> Int? {
        switch content {
        case .confusionMatrix(let matrix): Int(exactly: matrix[0, 0])
        case .histogram(let histogram): histogram.counts.first.flatMap { Int(exactly: $0) }
        case .classReport(let report): report.classes.first.flatMap { Int(exactly: $0.support) }
        }
    }
}
