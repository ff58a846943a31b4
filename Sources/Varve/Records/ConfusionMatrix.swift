import VarveFormat

/// How often each class was taken for which: the outcome of a classifier on labelled examples.
///
/// Only what isn't 0 is kept, so that a thousand classes cost what their mistakes cost. Counts need not be whole: they may be
/// weighted, averaged or normalised.
public struct ConfusionMatrix: Hashable, Sendable {
    var stored: StoredMatrix

    /// The classes, in order.
    public var labels: [String] { stored.labels }

    /// One cell that isn't 0.
    public struct Cell: Hashable, Sendable {
        /// The class that the examples have, as an index into ``ConfusionMatrix/labels``.
        public var truth: Int
        /// The class that they were taken for.
        public var predicted: Int
        /// How many there were.
        public var count: Double

        /// A cell of these.
        public init(truth: Int, predicted: Int, count: Double) {
            self.truth = truth
            self.predicted = predicted
            self.count = count
        }
    }

    init(_ stored: StoredMatrix) { self.stored = stored }

    /// A matrix of counts, a row a true class, a column a predicted one.
    ///
    /// - Throws: `invalid` if it isn't square, if two classes have one name, or if a count is negative or no number; `limit` if
    ///   it has more classes than 65,536 or more cells that aren't 0 than 1,048,576.
    public init(labels: [String], counts: [[Double]]) throws(VarveError) {
        var cells: [Cell] = []
        for (truth, row) in counts.enumerated() {
            guard row.count == labels.count else {
                throw VarveError(
                    .invalid, "a confusion matrix has a row and a column for each class",
                    expected: "\(labels.count) columns", found: "\(row.count) in row \(truth)")
            }
            for (predicted, count) in row.enumerated() where count != 0 {
                cells.append(Cell(truth: truth, predicted: predicted, count: count))
            }
        }
        guard counts.count == labels.count else {
            throw VarveError(
                .invalid, "a confusion matrix has a row and a column for each class",
                expected: "\(labels.count) rows", found: "\(counts.count)")
        }
        try self.init(labels: labels, cells: cells)
    }

    /// A matrix of whole counts.
    public init(labels: [String], counts: [[Int]]) throws(VarveError) {
        try self.init(labels: labels, counts: counts.map { $0.map(Double.init) })
    }

    /// Counts examples by their true and their predicted class, both as indices into `labels`.
    public init(labels: [String], truth: [Int], predicted: [Int]) throws(VarveError) {
        guard truth.count == predicted.count else {
            throw VarveError(
                .invalid, "each example has a true and a predicted class", expected: "\(truth.count) predictions",
                found: "\(predicted.count)")
        }
        try self.init(
            labels: labels,
            cells: zip(truth, predicted).map { Cell(truth: $0, predicted: $1, count: 1) })
    }

    /// A matrix of these cells, in any order; the counts of one that comes twice are added.
    public init(labels: [String], cells: [Cell]) throws(VarveError) {
        try Self.check(labels)
        var sums: [Int64: Double] = [:]
        for cell in cells {
            guard labels.indices.contains(cell.truth), labels.indices.contains(cell.predicted) else {
                throw VarveError(
                    .invalid, "a confusion matrix has no such class", expected: "an index below \(labels.count)",
                    found: "\(labels.indices.contains(cell.truth) ? cell.predicted : cell.truth)")
            }
            guard cell.count >= 0, cell.count.isFinite else {
                throw VarveError(
                    .invalid, "a confusion matrix can't hold this count", expected: "a number from 0 on",
                    found: "\(cell.count)")
            }
            sums[Int64(cell.truth * labels.count + cell.predicted), default: 0] += cell.count
        }
        try self.init(labels: labels, sums: sums)
    }

    private init(labels: [String], sums: [Int64: Double]) throws(VarveError) {
        let kept = sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        guard kept.count <= FormatConstants.maxMatrixCells else {
            throw VarveError(
                .limit, "a confusion matrix can't be stored",
                expected: "at most \(FormatConstants.maxMatrixCells) cells that aren't 0", found: "\(kept.count)",
                remedy: "store it as an artifact")
        }
        guard kept.allSatisfy(\.value.isFinite) else {
            throw VarveError(.invalid, "the counts of a confusion matrix are too large", expected: "finite sums")
        }
        stored = StoredMatrix(labels: labels, positions: kept.map(\.key), counts: kept.map(\.value))
    }

    static func check(_ labels: [String]) throws(VarveError) {
        guard labels.count <= FormatConstants.maxClasses else {
            throw VarveError(
                .limit, "a record can't have that many classes", expected: "at most \(FormatConstants.maxClasses)",
                found: "\(labels.count)")
        }
        var seen: Set<ExactText> = []
        for label in labels {
            guard label.utf8.count <= FormatConstants.maxNameBytes else {
                throw VarveError(
                    .limit, "the name of a class can't be stored",
                    expected: "at most \(FormatConstants.maxNameBytes) bytes", found: "\(label.utf8.count)")
            }
            guard seen.insert(ExactText(label)).inserted else {
                throw VarveError(.invalid, "two classes have one name", found: label)
            }
        }
    }
}

extension ConfusionMatrix {
    /// How many examples of the one class were taken for the other, both as indices into ``labels``; 0 if either isn't one.
    public subscript(truth: Int, predicted: Int) -> Double {
        guard labels.indices.contains(truth), labels.indices.contains(predicted) else { return 0 }
        let wanted = Int64(truth * labels.count + predicted)
        var (low, high) = (0, stored.positions.count)
        while low < high {
            let middle = (low + high) / 2
            if stored.positions[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < stored.positions.count && stored.positions[low] == wanted ? stored.counts[low] : 0
    }

    /// The cells that aren't 0, row by row.
    public var cells: [Cell] {
        zip(stored.positions, stored.counts).map { position, count in
            Cell(truth: Int(position) / labels.count, predicted: Int(position) % labels.count, count: count)
        }
    }

    /// The rows, zeros and all, made one by one and to be gone through once: a matrix of very many classes has
    /// billions of cells.
    public var rows: some Sequence<(label: String, counts: [Double])> {
        let (labels, cells) = (labels, cells)
        var (truth, next) = (0, 0)
        return AnyIterator {
            guard truth < labels.count else { return nil }
            defer { truth += 1 }
            var counts = [Double](repeating: 0, count: labels.count)
            while next < cells.count, cells[next].truth == truth {
                counts[cells[next].predicted] = cells[next].count
                next += 1
            }
            return (labels[truth], counts)
        }
    }

    /// How many examples there are in all.
    public var total: Double { stored.counts.reduce(0, +) }

    /// How many examples each class has.
    public var truthTotals: [Double] {
        cells.reduce(into: [Double](repeating: 0, count: labels.count)) { $0[$1.truth] += $1.count }
    }

    /// How many examples were taken for each class.
    public var predictedTotals: [Double] {
        cells.reduce(into: [Double](repeating: 0, count: labels.count)) { $0[$1.predicted] += $1.count }
    }

    /// Each class's examples that were taken for what they are.
    public var diagonal: [Double] {
        cells.reduce(into: [Double](repeating: 0, count: labels.count)) { sums, cell in
            if cell.truth == cell.predicted { sums[cell.truth] += cell.count }
        }
    }

    /// Whose share each cell becomes.
    public enum Normalisation: String, Sendable, CaseIterable {
        /// Of the examples of its true class: each row adds up to 1.
        case truth
        /// Of the examples that were taken for its class: each column adds up to 1.
        case predicted
        /// Of all examples.
        case all
    }

    /// The same as shares; a row or column without examples stays 0.
    public func normalised(by kind: Normalisation) -> ConfusionMatrix {
        let (rows, columns, total) = (truthTotals, predictedTotals, total)
        var copy = self
        for (i, cell) in cells.enumerated() {
            let whole =
                switch kind {
                case .truth: rows[cell.truth]
                case .predicted: columns[cell.predicted]
                case .all: total
                }
            copy.stored.counts[i] = cell.count / whole
        }
        return copy
    }

    /// The same with every count divided.
    ///
    /// - Throws: `invalid` if `divisor` isn't a number above 0.
    public func divided(by divisor: Double) throws(VarveError) -> ConfusionMatrix {
        try ConfusionMatrix(
            labels: labels,
            cells: cells.map { Cell(truth: $0.truth, predicted: $0.predicted, count: $0.count / divisor) })
    }

    /// The sum of several matrices, class by class: a class is told by its name, and those that only some have are appended in
    /// the order in which they come.
    ///
    /// - Throws: `limit` if the sum has more classes or cells than one matrix may.
    public static func sum(_ matrices: [ConfusionMatrix]) throws(VarveError) -> ConfusionMatrix {
        var labels: [String] = []
        var places: [ExactText: Int] = [:]
        for label in matrices.flatMap(\.labels) where places[ExactText(label)] == nil {
            places[ExactText(label)] = labels.count
            labels.append(label)
        }
        try check(labels)
        var sums: [Int64: Double] = [:]
        for matrix in matrices {
            let map = matrix.labels.map { places[ExactText($0)] ?? 0 }
            for cell in matrix.cells {
                sums[Int64(map[cell.truth] * labels.count + map[cell.predicted]), default: 0] += cell.count
            }
        }
        return try ConfusionMatrix(labels: labels, sums: sums)
    }
}
