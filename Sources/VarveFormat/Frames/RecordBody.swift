/// What a record holds, by type (Format.md, section 3.11). What parses obeys the rules that stand on the fields.
package enum RecordBody: Hashable, Sendable {
    case confusionMatrix(StoredMatrix)
    case histogram(StoredHistogram)
    case classReport(StoredReport)

    package static let matrixCode: UInt8 = 1
    package static let histogramCode: UInt8 = 2
    package static let reportCode: UInt8 = 3

    /// The type's number on disk.
    package var code: UInt8 {
        switch self {
        case .confusionMatrix: Self.matrixCode
        case .histogram: Self.histogramCode
        case .classReport: Self.reportCode
        }
    }

    func bytes(codec: ColumnCodec) -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .confusionMatrix(let matrix): matrix.write(to: &writer, codec)
        case .histogram(let histogram): histogram.write(to: &writer, codec)
        case .classReport(let report): report.write(to: &writer, codec)
        }
        return writer.bytes
    }

    /// Nil: a type that this version doesn't know.
    init?(code: UInt8, _ bytes: RawSpan, codec: ColumnCodec) throws(FormatError) {
        var reader = ByteReader(bytes)
        switch code {
        case Self.matrixCode: self = .confusionMatrix(try StoredMatrix(&reader, codec))
        case Self.histogramCode: self = .histogram(try StoredHistogram(&reader, codec))
        case Self.reportCode: self = .classReport(try StoredReport(&reader, codec))
        default: return nil
        }
    }
}

/// How often each class was taken for which.
package struct StoredMatrix: Hashable, Sendable {
    /// The classes, distinct by their bytes.
    package var labels: [String]
    /// *true class* · *classes* + *predicted class* of each cell that isn't 0, ascending.
    package var positions: [Int64]
    /// What stands there: finite, and not negative.
    package var counts: [Double]

    package init(labels: [String], positions: [Int64], counts: [Double]) {
        self.labels = labels
        self.positions = positions
        self.counts = counts
    }

    func write(to writer: inout ByteWriter, _ codec: ColumnCodec) {
        writer.labels(labels)
        writer.varint(positions.count)
        codec.encode(positions, effort: .index, into: &writer)
        codec.encode(counts.map(\.bitPattern), .doubles, effort: .index, into: &writer)
    }

    init(_ reader: inout ByteReader, _ codec: ColumnCodec) throws(FormatError) {
        labels = try reader.labels()
        let cells = try reader.count("the cells of a confusion matrix", cap: FormatConstants.maxMatrixCells)
        let start = reader.offset
        positions = try codec.decodeIntegers(&reader, count: cells)
        let end = Int64(labels.count * labels.count)
        var last: Int64 = -1
        for position in positions {
            guard position > last, position < end else {
                throw FormatError(
                    .corrupt, at: start, expected: "ascending cells of \(labels.count) classes", found: "\(position)")
            }
            last = position
        }
        counts = try reader.amounts("the counts of a confusion matrix", cells, codec)
    }
}

/// How many values fell between which edges.
package struct StoredHistogram: Hashable, Sendable {
    /// One more than there are bins: not descending, none NaN. The first and the last may be infinite.
    package var edges: [Double]
    /// A bin each: finite, and not negative.
    package var counts: [Double]

    package init(edges: [Double], counts: [Double]) {
        self.edges = edges
        self.counts = counts
    }

    func write(to writer: inout ByteWriter, _ codec: ColumnCodec) {
        writer.varint(counts.count)
        codec.encode(edges.map(\.bitPattern), .doubles, effort: .index, into: &writer)
        codec.encode(counts.map(\.bitPattern), .doubles, effort: .index, into: &writer)
    }

    init(_ reader: inout ByteReader, _ codec: ColumnCodec) throws(FormatError) {
        let bins = try reader.count("the bins of a histogram", cap: FormatConstants.maxHistogramBins)
        let start = reader.offset
        guard bins > 0 else { throw FormatError(.corrupt, at: 0, expected: "at least one bin", found: "none") }
        edges = try codec.decode(&reader, count: bins + 1).map { Double(bitPattern: $0) }
        guard Self.isAscending(edges) else {
            throw FormatError(.corrupt, at: start, expected: "edges that don't descend", found: "others")
        }
        counts = try reader.amounts("the counts of a histogram", bins, codec)
    }

    /// Whether edges can be those of a histogram.
    package static func isAscending(_ edges: [Double]) -> Bool {
        for i in edges.indices.dropFirst() where !(edges[i - 1] <= edges[i]) { return false }
        return edges.count > 1 && edges.dropFirst().dropLast().allSatisfy(\.isFinite)
    }
}

/// What is known of each class where the matrix itself isn't.
package struct StoredReport: Hashable, Sendable {
    /// The classes, distinct by their bytes.
    package var labels: [String]
    /// A class each; any double.
    package var precision: [Double]
    package var recall: [Double]
    package var f1: [Double]
    /// How many examples there were of each class: finite, and not negative.
    package var support: [Double]

    package init(labels: [String], precision: [Double], recall: [Double], f1: [Double], support: [Double]) {
        self.labels = labels
        self.precision = precision
        self.recall = recall
        self.f1 = f1
        self.support = support
    }

    func write(to writer: inout ByteWriter, _ codec: ColumnCodec) {
        writer.labels(labels)
        for column in [precision, recall, f1, support] {
            codec.encode(column.map(\.bitPattern), .doubles, effort: .index, into: &writer)
        }
    }

    init(_ reader: inout ByteReader, _ codec: ColumnCodec) throws(FormatError) {
        labels = try reader.labels()
        precision = try codec.decode(&reader, count: labels.count).map { Double(bitPattern: $0) }
        recall = try codec.decode(&reader, count: labels.count).map { Double(bitPattern: $0) }
        f1 = try codec.decode(&reader, count: labels.count).map { Double(bitPattern: $0) }
        support = try reader.amounts("the support of a report", labels.count, codec)
    }
}

extension ByteWriter {
    fileprivate mutating func labels(_ labels: [String]) {
        varint(labels.count)
        for label in labels { string(label) }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    fileprivate mutating func labels() throws(FormatError) -> [String] {
        let count = try count("the classes of a record", cap: FormatConstants.maxClasses)
        var labels: [String] = []
        // Each takes a byte at least: no more is set aside than was stored.
        labels.reserveCapacity(min(count, remaining))
        var seen: Set<ExactText> = []
        for _ in 0..<count {
            let start = offset
            let label = try string("a class of a record", cap: FormatConstants.maxNameBytes)
            guard seen.insert(ExactText(label)).inserted else {
                throw FormatError(.corrupt, at: start, expected: "distinct classes", found: "\(label) twice")
            }
            labels.append(label)
        }
        return labels
    }

    /// Takes a COLUMN of numbers of which each is finite and not negative.
    @_lifetime(self: copy self)
    fileprivate mutating func amounts(
        _ what: StaticString, _ count: Int, _ codec: ColumnCodec
    ) throws(FormatError) -> [Double] {
        let start = offset
        let amounts = try codec.decode(&self, count: count).map { Double(bitPattern: $0) }
        for amount in amounts where !(amount >= 0 && amount.isFinite) {
            throw FormatError(.corrupt, at: start, expected: "\(what), from 0 on", found: "\(amount)")
        }
        return amounts
    }
}
