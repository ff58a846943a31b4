import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows that series are put together from the pieces of frames as a plain loop over all points would, and that the axes which
/// they share have the steps of each: random frames of several files, rows whole and cut, steps that repeat and go back.
struct IntakeTests {
    @Test func seriesAreThoseOfTheFrames() {
        withSeeds(0..<60) { seed, random in
            var content = IntakePoints(points: 100)
            var series = IntakeSeries()
            let codec = PointsCodec()
            // Twice in the same memory.
            for _ in 0..<2 {
                content.removeAll()
                series.removeAll()
                var parts: [Range<Int>] = []
                var truth: [[(kind: UInt32, points: SeriesPoints)]] = []
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let first = content.pieces.count
                    let kinds = (0..<6).map { _ in UInt32.random(in: 0...4, using: &random) }
                    var points: [(kind: UInt32, points: SeriesPoints)] = []
                    for _ in 0..<Int.random(in: 0...4, using: &random) {
                        let batch = Self.batch(&random)
                        try Self.add(batch, kinds, codec, to: &content, &points)
                    }
                    parts.append(first..<content.pieces.count)
                    truth.append(points)
                }
                for file in parts.indices {
                    let known = series.series.count
                    let tracks = series.add(parts[file], file: file, kinds: 5, &content)
                    let found = series.series[known...]
                    try require(found.map(\.kind) == truth[file].map(\.kind), "which series, and in which order")
                    for (one, expected) in zip(found, truth[file]) {
                        try require(one.file == UInt32(file) && tracks.contains(Int(one.track)), "its own file's")
                        try require(
                            Self.points(one, series, content) == expected.points, "file \(file), kind \(one.kind)")
                    }
                }
            }
        }
    }

    /// Two ways through the rows are two tracks, and one way is one.
    @Test func oneTrackAWay() throws {
        var content = IntakePoints(points: 100)
        var series = IntakeSeries()
        let codec = PointsCodec()
        var unused: [(kind: UInt32, points: SeriesPoints)] = []
        for frame in 0..<3 {
            var batch = PointsBatch()
            for row in 0..<10 {
                for id in 0..<8 where id < 7 || row > 0 {
                    let step = Int64(frame * 10 + row)
                    batch.append(series: UInt32(id), step: step, time: step * 1_000, value: UInt64(id))
                }
            }
            try Self.add(batch, Array(0..<8), codec, to: &content, &unused)
        }
        let tracks = series.add(content.pieces.indices, file: 0, kinds: 8, &content)
        #expect(tracks.map { series.tracks[$0].count } == [30, 27])
        let plan = AxisPlan(series.tracks[tracks], steps: content.steps)
        #expect(plan.axes.count >= 1 && plan.axes[0].count == 30)
    }

    /// The slices of a track are its steps, in order, each on an axis that has the same ones where it says.
    @Test func axesHaveTheStepsOfTheirTracks() {
        withSeeds(100..<200) { seed, random in
            var steps: [Int64] = []
            var tracks: [Range<Int>] = []
            let isLong = seed % 10 == 0
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let first = steps.count
                if let other = tracks.randomElement(using: &random), Bool.random(using: &random) {
                    // As another one from some point on, up to some point.
                    let from = Int.random(in: other, using: &random)
                    let to = Int.random(in: from..<other.upperBound, using: &random)
                    for i in from...to { steps.append(steps[i]) }
                }
                var step = Int64.random(in: -3...3, using: &random)
                for _ in 0..<Int.random(in: 1...(isLong ? 40_000 : 30), using: &random) {
                    steps.append(step)
                    step &+= Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: -9...9, using: &random) : 1
                }
                tracks.append(first..<steps.count)
            }
            let plan = AxisPlan(tracks, steps: steps)
            try require(plan.ranges.count == tracks.count, "slices of each track")
            for axis in plan.axes {
                try require((1...FormatConstants.axisPoints).contains(axis.count), "\(axis.count) points of an axis")
            }
            for (track, range) in zip(tracks, plan.ranges) {
                var next = track.lowerBound
                for slice in plan.slices[range] {
                    try require(slice.rows.lowerBound == next && !slice.rows.isEmpty, "one slice after the other")
                    let axis = plan.axes[slice.axis]
                    try require(slice.start + slice.rows.count <= axis.count, "within its axis")
                    let first = axis.lowerBound + slice.start
                    try require(
                        steps[slice.rows].elementsEqual(steps[first..<(first + slice.rows.count)]), "the axis' steps")
                    next = slice.rows.upperBound
                }
                try require(next == track.upperBound, "all of the track")
            }
            try require(plan.axes.reduce(0) { $0 + $1.count } <= steps.count, "no step on two axes")
        }
    }

    // MARK: Support

    /// Adds a frame, and its points to those that are expected.
    private static func add(
        _ batch: PointsBatch, _ kinds: [UInt32], _ codec: PointsCodec, to content: inout IntakePoints,
        _ truth: inout [(kind: UInt32, points: SeriesPoints)]
    ) throws {
        let frame = try PointsFrame(
            codec.encode(batch), count: batch.count, hasOrder: false, codec: codec.columns)
        let added = try content.add(frame, kinds: kinds.map { $0 + 1 })
        try require(added.points == batch.count && added.undefined == nil, "\(added)")
        // In the order of the frame's slices: where two series are of one kind, their points follow each other.
        for (number, slice) in frame.slices.enumerated() {
            let points = try frame.points(ofSlice: number)
            let kind = kinds[Int(slice.series)]
            let known = truth.firstIndex { $0.kind == kind }
            if known == nil { truth.append((kind, SeriesPoints(series: 0))) }
            let index = known ?? truth.count - 1
            truth[index].points.steps += points.steps
            truth[index].points.times += points.times
            truth[index].points.values += points.values
        }
    }

    /// The points of a series, taken from its track and its pieces.
    private static func points(
        _ one: IntakeSeries.Series, _ series: IntakeSeries, _ content: IntakePoints
    ) -> SeriesPoints {
        let track = series.tracks[Int(one.track)]
        var points = SeriesPoints(series: 0)
        points.steps += content.steps[track]
        points.times += content.times[track]
        for number in one.pieces {
            let piece = content.pieces[Int(series.order[number])]
            for i in 0..<Int(piece.count) {
                if piece.differences != IntakePoints.Piece.none {
                    points.times[points.values.count] &+= content.differences[Int(piece.differences) + i]
                }
                points.values.append(content.values[Int(piece.values) + i])
            }
        }
        return points
    }

    private static func batch(_ random: inout SplitMix64) -> PointsBatch {
        var batch = PointsBatch()
        var step = Int64.random(in: -2...100, using: &random)
        for _ in 0..<Int.random(in: 0...25, using: &random) {
            let isWhole = Int.random(in: 0..<3, using: &random) > 0
            for id in 0..<6 where isWhole || Bool.random(using: &random) {
                let time = Int.random(in: 0..<9, using: &random) == 0 ? Int64.min : step * 1_000
                batch.append(series: UInt32(id), step: step, time: time, value: random.next())
            }
            step += Int64.random(in: -1...2, using: &random)
        }
        return batch
    }
}
