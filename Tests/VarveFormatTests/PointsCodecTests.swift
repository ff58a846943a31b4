import Testing

@testable import VarveFormat

/// Batches come back from the payload of a points frame, point for point, against the batch itself as the model.
@Suite struct PointsCodecTests {
    /// Makes a batch as training loops make them: rows of series, cut anywhere, and stray points between.
    static func batch(seed: UInt64) -> PointsBatch {
        var random = SeededGenerator(seed)
        var batch = PointsBatch()
        let width = Int.random(in: 1...9, using: &random)
        let ids = (0..<width).map { _ in UInt32.random(in: 0..<1_048_576, using: &random) }
        let count = Int.random(in: 0...1500, using: &random)
        let stray = Int.random(in: 2...40, using: &random)
        let sharesClock = Bool.random(using: &random)
        var clock: Int64 = 1_760_000_000_000_000_000
        var at = Int.random(in: 0..<width, using: &random)
        var step = Int64.random(in: -5...1000, using: &random)
        while batch.count < count {
            let special = Int.random(in: 0..<30, using: &random) == 0
            batch.append(
                series: ids[at],
                step: special ? ColumnSamples.specialIntegers.randomElement(using: &random) ?? 0 : step,
                time: special ? Int64.min : clock,
                value: ColumnSamples.doubles(Int.random(in: 0..<14, using: &random), 1, &random)[0])
            if !sharesClock { clock += Int64.random(in: 1...9, using: &random) * 1000 }
            at += 1
            if at == width || Int.random(in: 0..<stray * 10, using: &random) == 0 {
                at = 0
                step += 1
                clock += 100_000_000
            }
        }
        return batch
    }

    /// The points of each series of a batch, by the plainest loop.
    private func model(_ batch: PointsBatch) -> [UInt32: SeriesPoints] {
        var result: [UInt32: SeriesPoints] = [:]
        for i in 0..<batch.count {
            let id = batch.rows[i].series
            result[id, default: SeriesPoints(series: id)].steps.append(batch.rows[i].step)
            result[id, default: SeriesPoints(series: id)].times.append(batch.rows[i].time)
            result[id, default: SeriesPoints(series: id)].values.append(batch.rows[i].value)
        }
        return result
    }

    @Test func batchesComeBack() throws {
        let codec = PointsCodec()
        for seed in UInt64(0)..<60 {
            let batch = Self.batch(seed: seed)
            let model = model(batch)
            for order in [false, true] {
                let payload = codec.encode(batch, order: order, effort: seed % 2 == 0 ? .log : .index)
                let frame = try PointsFrame(payload, count: batch.count, hasOrder: order, codec: codec.columns)
                #expect(frame.slices.count == model.count, "seed \(seed)")
                for (index, slice) in frame.slices.enumerated() {
                    #expect(try frame.points(ofSlice: index) == model[slice.series], "seed \(seed)")
                    #expect(try frame.steps(ofSlice: index) == model[slice.series]?.steps, "seed \(seed)")
                }
                try expectColumns(of: frame, toBe: model, "seed \(seed)")
                let expected = order ? batch.rows.map(\.series) : nil
                #expect(try frame.order()?.map { frame.slices[Int($0)].series } == expected, "seed \(seed)")
            }
        }
    }

    /// The flat columns of a frame, put together slice by slice, are its points; what stood in the arrays stays.
    private func expectColumns(of frame: PointsFrame, toBe model: [UInt32: SeriesPoints], _ comment: Comment) throws {
        var (steps, times, values, differences): ([Int64], [Int64], [UInt64], [Int64]) = ([1], [2], [3, 4], [5])
        try frame.appendAxes(steps: &steps, times: &times)
        try frame.appendValues(to: &values)
        try frame.appendDifferences(to: &differences)
        var rows = [1]
        for count in frame.axisRows { rows.append(rows[rows.count - 1] + count) }
        #expect(steps.count == rows.last && times.count == rows.last, comment)
        var (value, difference) = (2, 1)
        for slice in frame.slices {
            let first = rows[slice.axis] + slice.from
            var points = SeriesPoints(series: slice.series)
            points.steps += steps[first..<(first + slice.count)]
            points.times += times[first..<(first + slice.count)]
            points.values += values[value..<(value + slice.count)]
            value += slice.count
            if slice.differs {
                for i in 0..<slice.count { points.times[i] &+= differences[difference + i] }
                difference += slice.count
            }
            #expect(points == model[slice.series], comment)
        }
        #expect(value == values.count && difference == differences.count, comment)
    }

    /// A codec remembers how it encoded a series. When what the series logs changes from frame to frame, that memory is wrong,
    /// and must cost bytes at most.
    @Test func seriesThatChangeTheirNatureComeBack() throws {
        let codec = PointsCodec()
        var random = SeededGenerator(23)
        for round in 0..<40 {
            var batch = PointsBatch()
            let kinds = (0..<2).map { _ in Int.random(in: 0..<ColumnSamples.doubleKinds, using: &random) }
            let columns = kinds.map { ColumnSamples.doubles($0, 600, &random) }
            let clock = ColumnSamples.integers(
                Int.random(in: 0..<ColumnSamples.integerKinds, using: &random), 600, &random)
            for i in 0..<600 {
                for series in 0..<2 {
                    let time = Int64(bitPattern: clock[i])
                    batch.append(series: UInt32(series), step: time &+ Int64(i), time: time, value: columns[series][i])
                }
            }
            let payload = codec.encode(batch)
            let frame = try PointsFrame(payload, count: batch.count, hasOrder: false, codec: codec.columns)
            let model = model(batch)
            for (index, slice) in frame.slices.enumerated() {
                #expect(try frame.points(ofSlice: index) == model[slice.series], "round \(round), kinds \(kinds)")
            }
        }
    }

    @Test func seriesThatAreApartComeBack() throws {
        let codec = PointsCodec()
        for seed in UInt64(100)..<120 {
            let model = model(Self.batch(seed: seed))
            let slices = model.values.sorted { $0.series < $1.series } + [SeriesPoints(series: 7)]
            let payload = codec.encode(slices)
            let count = slices.reduce(0) { $0 + $1.values.count }
            let frame = try PointsFrame(payload, count: count, hasOrder: false, codec: codec.columns)
            #expect(frame.slices.count == model.count, "seed \(seed)")
            for (index, slice) in frame.slices.enumerated() {
                #expect(try frame.points(ofSlice: index) == model[slice.series], "seed \(seed)")
            }
            #expect(try frame.order() == nil)
        }
    }
}
