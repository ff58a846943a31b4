import VarveFormat

/// Payloads of points frames from any bytes: slices with as many points as they say, or an error.
///
/// The first two bytes are the header's count, the low bit of the third says whether there is an order column.
struct PointsPayload: FuzzTarget {
    private let codec = ColumnCodec()

    static func seeds() -> [[UInt8]] {
        [false, true].flatMap { hasOrder in
            [1, 3, 40].map { rows -> [UInt8] in
                let batch = PointsRoundTrip.batch(rows: rows, series: 3)
                let payload = PointsCodec().encode(batch, order: hasOrder)
                return [UInt8(batch.count & 0xFF), UInt8(batch.count >> 8), hasOrder ? 1 : 0] + payload
            }
        }
    }

    func feed(_ input: [UInt8]) throws {
        var reader = InputReader(input)
        let count = reader.word()
        let hasOrder = reader.byte() & 1 == 1
        guard let frame = try? PointsFrame(reader.remainder(), count: count, hasOrder: hasOrder, codec: codec) else {
            return
        }
        try demand(frame.slices.reduce(0) { $0 + $1.count } == count, "\(frame.slices) of \(count) points")
        try demand(Set(frame.slices.map(\.series)).count == frame.slices.count, "a series twice")
        for index in frame.slices.indices {
            guard let points = try? frame.points(ofSlice: index) else { continue }
            let counts = [points.steps.count, points.times.count, points.values.count]
            try demand(counts.allSatisfy { $0 == frame.slices[index].count }, "\(counts)")
        }
        guard hasOrder, let order = try? frame.order() else { return }
        try demand(order.count == count, "an order of \(order.count)")
    }
}
