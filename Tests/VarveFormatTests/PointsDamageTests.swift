import Testing

@testable import VarveFormat

/// Payloads of points frames that are damaged or hostile throw, or give some points; they never trap or take memory for
/// points that can't be there.
@Suite struct PointsDamageTests {
    /// Opens a payload and decodes all of it; whatever comes out is consistent.
    @discardableResult
    private func read(_ payload: [UInt8], _ count: Int, _ hasOrder: Bool, _ codec: ColumnCodec) -> FormatError? {
        do throws(FormatError) {
            let frame = try PointsFrame(payload, count: count, hasOrder: hasOrder, codec: codec)
            #expect(frame.slices.reduce(0) { $0 + $1.count } == count)
            for index in frame.slices.indices {
                let points = try frame.points(ofSlice: index)
                let counts = [points.steps.count, points.times.count, points.values.count]
                #expect(counts == [Int](repeating: frame.slices[index].count, count: 3))
            }
            let order = try frame.order()
            #expect(order?.count == (hasOrder ? count : nil))
            return nil
        } catch {
            #expect(error.offset >= 0 && error.offset <= payload.count, "\(error)")
            return error
        }
    }

    /// Two axes, shared and own clocks, a slice that begins at the second row, three kinds of values.
    private func small() -> PointsBatch {
        var batch = PointsBatch()
        for i in 0..<12 {
            for series in UInt32(0)..<4 where !(i == 0 && series == 2) && !(series == 3 && i % 3 != 0) {
                let value = [Double(i), Double(Float(i) / 7), 0.1 * Double(i), 1][Int(series)]
                let late = series == 1 ? Int64(i) : 0
                batch.append(series: series, step: Int64(i), time: 1000 * Int64(i) + late, value: value.bitPattern)
            }
        }
        return batch
    }

    @Test func everyTruncationThrowsAndEveryFlipIsSurvived() {
        let codec = PointsCodec()
        let batch = small()
        for order in [false, true] {
            let payload = codec.encode(batch, order: order)
            #expect(read(payload, batch.count, order, codec.columns) == nil)
            for length in payload.indices {
                #expect(read(Array(payload[..<length]), batch.count, order, codec.columns) != nil, "\(length) bytes")
            }
            // What a later version puts behind the last field is ignored, an order column that isn't asked for too.
            #expect(read(payload + [0, 0xFF], batch.count, order, codec.columns) == nil)
            #expect((read(payload, batch.count, !order, codec.columns) == nil) == order)
            for count in [0, 1, batch.count - 1, batch.count + 1, 1 << 20] {
                #expect(read(payload, count, order, codec.columns) != nil, "\(count) points")
            }
            for bit in 0..<(payload.count * 8) {
                var damaged = payload
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                read(damaged, batch.count, order, codec.columns)
            }
        }
    }

    /// A frame of nothing but numbers, so that each rule of the slice table can be broken alone.
    private func payload(
        axes: [Int] = [3], series: [Int64] = [1, 2], axis: [Int64] = [0, 0], from: [Int64] = [0, 1],
        counts: [Int64] = [3, 2],
        differs: [Int64] = [0, 0], groups: [Int] = [2]
    ) -> [UInt8] {
        let codec = ColumnCodec()
        var writer = ByteWriter()
        writer.varint(axes.count)
        for rows in axes {
            writer.varint(rows)
            for _ in 0..<2 { codec.encode([Int64](repeating: 7, count: rows), effort: .log, into: &writer) }
        }
        writer.varint(series.count)
        for column in [series, axis, from, counts, differs] { codec.encode(column, effort: .log, into: &writer) }
        writer.varint(groups.count)
        var next = 0
        for members in groups {
            writer.varint(members)
            let own = counts.dropFirst(next).prefix(members).reduce(0) { $0 + min(max($1, 0), 100) }
            codec.encode([UInt64](repeating: 0, count: Int(own)), .doubles, effort: .log, into: &writer)
            next += members
        }
        return writer.bytes
    }

    @Test func everyRuleOfTheSliceTableIsChecked() {
        let codec = ColumnCodec()
        #expect(read(payload(), 5, false, codec) == nil)
        let wrong: [(String, [UInt8])] = [
            ("two slices of a series", payload(series: [1, 1])),
            ("series beyond the cap", payload(series: [1, 1 << 20])),
            ("negative series", payload(series: [1, -1])), ("no such axis", payload(axis: [0, 1])),
            ("negative axis", payload(axis: [0, -1])), ("beyond the axis", payload(from: [0, 2])),
            ("far beyond the axis", payload(from: [0, .max])), ("before the axis", payload(from: [0, -1])),
            ("too many points", payload(counts: [3, 3], groups: [2])), ("too few points", payload(counts: [3, 1])),
            ("an empty slice", payload(from: [0, 0], counts: [3, 0])), ("negative count", payload(counts: [3, -1])),
            ("the largest count", payload(counts: [3, .max])), ("differs is 2", payload(differs: [0, 2])),
            ("differences are missing", payload(differs: [0, 1])), ("an empty axis", payload(axes: [3, 0])),
            ("axes of too many rows", payload(axes: [3, 3])), ("too few in groups", payload(groups: [1])),
            ("an empty group", payload(groups: [2, 0])), ("too many in groups", payload(groups: [2, 1])),
        ]
        for (name, payload) in wrong {
            #expect(read(payload, 5, false, codec) != nil, "\(name)")
        }
    }

    @Test func bombsAreRefused() {
        let codec = ColumnCodec()
        // Twenty bytes that claim 2⁶⁰ of everything, in turn.
        var huge = ByteWriter()
        huge.varint(UInt64(1) << 60)
        huge.zeros(11)
        #expect(read(huge.bytes, 5, false, codec)?.kind == .capExceeded)
        #expect(read([1] + huge.bytes, 5, false, codec)?.kind == .capExceeded)
        #expect(read([0] + huge.bytes, 5, false, codec)?.kind == .capExceeded)
        #expect(read(huge.bytes, 1 << 60, false, codec)?.kind == .capExceeded)
        #expect(read(huge.bytes, -1, false, codec)?.kind == .capExceeded)
        #expect(read(huge.bytes, FormatConstants.maxFramePoints + 1, false, codec)?.kind == .capExceeded)
        #expect(read([], 0, false, codec)?.kind == .truncated)
    }

    @Test func randomBytesAreSurvived() {
        let codec = ColumnCodec()
        var random = SeededGenerator(17)
        let valid = payload()
        for _ in 0..<3000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            read(bytes, 5, Bool.random(using: &random), codec)
        }
    }
}
