/// One metric of a segment, and how much of it there is.
package struct SegmentMetric: Hashable, Sendable {
    package var metric: MetricKey
    /// How its values were logged; several files may disagree.
    package var types: ValueTypes
    /// Runs that have points of it in this segment.
    package var runs: Int
    /// The number of its pages, and the first one's row in the directory.
    package var pages: Int
    package var firstPage: Int
    package var points: Int

    package init(
        metric: MetricKey, types: ValueTypes = [], runs: Int = 0, pages: Int = 0, firstPage: Int = 0, points: Int = 0
    ) {
        self.metric = metric
        self.types = types
        self.runs = runs
        self.pages = pages
        self.firstPage = firstPage
        self.points = points
    }

    package var pageRange: Range<Int> { firstPage..<(firstPage + pages) }
}

/// A set of value types: bit t stands for type t.
package struct ValueTypes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(_ type: ValueType) { rawValue = 1 << type.rawValue }
    package static let known = ValueTypes(rawValue: 7)

    /// The type that can show them all: double before float before integer.
    package var widest: ValueType {
        if contains(ValueTypes(.double)) { return .double }
        if contains(ValueTypes(.float)) { return .float }
        return isEmpty ? .double : .integer
    }
}

/// Which metrics a segment holds, in the order of its pages (Format.md, section 6).
package struct MetricsSection: Hashable, Sendable {
    package var axisPages: Int
    package var axes: Int
    package var metrics: [SegmentMetric]

    package init(axisPages: Int, axes: Int, metrics: [SegmentMetric]) {
        self.axisPages = axisPages
        self.axes = axes
        self.metrics = metrics
    }

    /// The number of all pages.
    package var pages: Int { metrics.last.map { $0.firstPage + $0.pages } ?? axisPages }
    package var points: Int { metrics.reduce(0) { $0 + $1.points } }

    package func bytes(zstd: Zstd) -> [UInt8] {
        var plain = ByteWriter()
        plain.varint(axisPages)
        plain.varint(axes)
        plain.varint(metrics.count)
        for metric in metrics {
            plain.metric(metric.metric)
            plain.u8(metric.types.rawValue)
            plain.varint(metric.runs)
            plain.varint(metric.pages)
            plain.varint(metric.points)
        }
        var writer = ByteWriter()
        PlainBlock.append(plain.bytes, to: &writer, zstd: zstd)
        return writer.bytes
    }

    package init(parsing bytes: RawSpan, zstd: Zstd) throws(FormatError) {
        var outer = ByteReader(bytes)
        let plain = try PlainBlock.take(&outer, zstd: zstd)
        try outer.finish("the metrics of a segment")
        var reader = ByteReader(plain.span.bytes)
        axisPages = try reader.count("the axis pages of a segment", cap: FormatConstants.maxSegmentPages)
        axes = try reader.count("the axes of a segment", cap: FormatConstants.maxSegmentAxes)
        let count = try reader.count("the metrics of a segment", cap: FormatConstants.maxSegmentMetrics)
        metrics = []
        // Each takes at least six bytes: a count beyond that fails before it costs memory.
        metrics.reserveCapacity(min(count, reader.remaining / 6))
        var page = axisPages
        for _ in 0..<count {
            let start = reader.offset
            let key = try reader.metric()
            let types = ValueTypes(rawValue: try reader.u8("the value types of a metric"))
            let runs = try reader.count("the runs of a metric", cap: FormatConstants.maxSegmentRuns)
            let pages = try reader.count("the pages of a metric", cap: FormatConstants.maxSegmentPages - page)
            let points = try reader.count("the points of a metric", cap: pages * FormatConstants.maxPagePoints)
            if let last = metrics.last, !(last.metric < key) {
                throw FormatError(.corrupt, at: start, expected: "a metric after \(last.metric)", found: "\(key)")
            }
            guard types.isSubset(of: .known) else {
                throw FormatError(.corrupt, at: start, expected: "value types 0 to 2", found: "\(types.rawValue)")
            }
            metrics.append(
                SegmentMetric(metric: key, types: types, runs: runs, pages: pages, firstPage: page, points: points))
            page += pages
        }
        try reader.finish("the metrics of a segment")
    }

    /// The position of a metric, by binary search.
    package func position(of metric: MetricKey) -> Int? {
        var low = 0
        var high = metrics.count
        while low < high {
            let middle = (low + high) / 2
            if metrics[middle].metric < metric { low = middle + 1 } else { high = middle }
        }
        return low < metrics.count && metrics[low].metric == metric ? low : nil
    }
}
