/// Curves of precision over recall: the tensor of the plugin `pr_curves`, six rows with a column for each threshold, which lie evenly
/// between 0 and 1 (`tensorboard/plugins/pr_curve/summary.py`).
enum EventCurve {
    static let ending = ".pr_curve.csv"
    private static let columns = [
        "threshold", "true_positives", "false_positives", "true_negatives", "false_negatives", "precision", "recall",
    ]

    /// The curve as CSV, a row a threshold; nil if the numbers are none.
    static func table(_ numbers: [Double]) -> [UInt8]? {
        let rows = columns.count - 1
        guard !numbers.isEmpty, numbers.count % rows == 0 else { return nil }
        let count = numbers.count / rows
        var text = columns.joined(separator: ",") + "\n"
        for index in 0..<count {
            let threshold = count == 1 ? 0 : Double(index) / Double(count - 1)
            let cells = [threshold] + (0..<rows).map { numbers[$0 * count + index] }
            text += cells.map { "\($0)" }.joined(separator: ",") + "\n"
        }
        return Array(text.utf8)
    }
}
