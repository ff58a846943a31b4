import Varve

/// Histograms of event files: `HistogramProto` of `framework/summary.proto` (min 1, max 2, bucket_limit 6, bucket 7), and the tensor
/// of the plugin `histograms`, a row of left edge, right edge and count for each bin.
enum EventHistogram {
    /// Reads a `HistogramProto`; nil if it counts nothing.
    ///
    /// It states where bins end. The first begins at the smallest value, the last ends at the largest, as TensorBoard itself shows
    /// them; writers put empty bins, and limits of ±1.797e308, beyond.
    static func read(_ message: RawSpan) throws(FormatError) -> Histogram? {
        var (low, high) = (0.0, 0.0)
        var limits: [Double] = []
        var counts: [Double] = []
        var fields = ProtobufFields(message)
        while let field = try fields.next() {
            switch field {
            case .fixed64(1, let bits): low = Double(bitPattern: bits)
            case .fixed64(2, let bits): high = Double(bitPattern: bits)
            case .fixed64(6, let bits): limits.append(Double(bitPattern: bits))
            case .fixed64(7, let bits): counts.append(Double(bitPattern: bits))
            case .bytes(6, let range): try append(fields.span(range), to: &limits)
            case .bytes(7, let range): try append(fields.span(range), to: &counts)
            default: break
            }
        }
        guard limits.count == counts.count, let first = counts.firstIndex(where: { $0 != 0 }),
            let last = counts.lastIndex(where: { $0 != 0 })
        else { return nil }
        var edges = [first == 0 ? low : max(low, limits[first - 1])]
        if first < last { edges += limits[first..<last] }
        edges.append(min(high, limits[last]))
        return try? Histogram(edges: edges, counts: Array(counts[first...last]))
    }

    /// Reads a tensor of rows of three; nil if it is another one, or if bins don't lie side by side.
    static func read(tensor numbers: [Double]) -> Histogram? {
        guard !numbers.isEmpty, numbers.count % 3 == 0 else { return nil }
        var edges = [numbers[0]]
        var counts: [Double] = []
        for row in stride(from: 0, to: numbers.count, by: 3) {
            guard numbers[row] == edges[edges.count - 1] else { return nil }
            edges.append(numbers[row + 1])
            counts.append(numbers[row + 2])
        }
        return try? Histogram(edges: edges, counts: counts)
    }

    private static func append(_ packed: RawSpan, to numbers: inout [Double]) throws(FormatError) {
        var reader = ByteReader(packed)
        numbers.reserveCapacity(numbers.count + packed.byteCount / 8)
        while !reader.isAtEnd { numbers.append(Double(bitPattern: try reader.fixed(UInt64.self, "a double"))) }
    }
}
