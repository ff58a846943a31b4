import VarveFormat

/// Any points come back from a points frame, each in its series and in order, with the order column and without.
struct PointsRoundTrip: FuzzTarget {
    private let encoder = PointsCodec()
    private let codec = ColumnCodec()

    static func batch(rows: Int, series: Int) -> PointsBatch {
        var batch = PointsBatch()
        for row in 0..<rows {
            for id in 0..<series {
                batch.append(
                    series: UInt32(id), step: Int64(row), time: Int64(1_000 * row + id % 2),
                    value: (1 / Double(row + id + 1)).bitPattern)
            }
        }
        return batch
    }

    static func seeds() -> [[UInt8]] {
        [
            [0], (0..<60).map { UInt8($0 * 5 & 0xFF) }, (0..<200).map { UInt8($0 % 7) },
            [2] + (0..<90).flatMap { [UInt8($0 % 3), 1, UInt8($0)] },
        ]
    }

    func feed(_ input: [UInt8]) throws {
        guard let batch = Self.points(of: input) else { return }
        let hasOrder = input[0] & 1 == 1
        let payload = encoder.encode(batch, order: hasOrder, effort: input[0] & 2 == 0 ? .log : .index)
        var expected: [UInt32: [(Int64, Int64, UInt64)]] = [:]
        for row in batch.rows { expected[row.series, default: []].append((row.step, row.time, row.value)) }
        do throws(FormatError) {
            let frame = try PointsFrame(payload, count: batch.count, hasOrder: hasOrder, codec: codec)
            guard frame.slices.count == expected.count else { throw Self.other("\(frame.slices.count) slices") }
            for (index, slice) in frame.slices.enumerated() {
                let points = try frame.points(ofSlice: index)
                let rows = expected[slice.series] ?? []
                guard points.steps == rows.map(\.0), points.times == rows.map(\.1), points.values == rows.map(\.2)
                else { throw Self.other("series \(slice.series): \(points)") }
            }
            if hasOrder {
                let order = try frame.order() ?? []
                guard order.map({ frame.slices[Int($0)].series }) == batch.rows.map(\.series) else {
                    throw Self.other("\(order)")
                }
            }
        } catch { throw Broken(description: "\(error)") }
    }

    private static func other(_ found: String) -> FormatError {
        FormatError(.corrupt, at: 0, expected: "the points that were encoded", found: found)
    }

    /// A few bytes a point: most are the point before with a small change, as in a training.
    private static func points(of input: [UInt8]) -> PointsBatch? {
        guard input.count > 3 else { return nil }
        var batch = PointsBatch()
        var step: Int64 = 0
        var time: Int64 = 1_700_000_000_000_000_000
        var value = 0.5
        var at = 1
        while at + 2 < input.count {
            let (series, change, byte) = (input[at] % 16, input[at + 1], input[at + 2])
            at += 3
            step &+= change & 1 == 0 ? 1 : Int64(Int8(bitPattern: change)) << Int64(byte & 0x3F)
            time &+= change & 2 == 0 ? 1_000_000 : Int64(byte) << Int64(change & 0x3F)
            value =
                change & 4 == 0 ? value + Double(byte) / 256 : Double(bitPattern: UInt64(byte) << UInt64(change & 0x38))
            batch.append(series: UInt32(series), step: step, time: time, value: value.bitPattern)
        }
        return batch
    }
}
