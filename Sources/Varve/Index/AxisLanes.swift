/// The axes of a segment that is being made, and the order in which they are stored.
///
/// The axes that the series of one metric have in many runs are a **lane**: they stand side by side, so that reading the
/// metric decodes no axes of others. Series that share an axis share the lane; it is that of the first of their metrics.
/// What has too few axes to fill half a page stands in the last lane, run by run.
struct AxisLanes {
    struct Axis {
        /// Of ``IntakePoints``.
        var rows: Range<Int>
        /// The row of the coverage.
        var file: UInt32
        /// The track that it was made for.
        var track: UInt32
    }

    /// In the order of files.
    private(set) var axes: [Axis] = []

    /// A lane of its own takes as many points; a merge copies such pages as they are.
    private static let fewestPoints = PageRules.points / 2

    mutating func append(_ plan: AxisPlan, firstTrack: Int, file: Int) {
        for (rows, maker) in zip(plan.axes, plan.makers) {
            axes.append(Axis(rows: rows, file: UInt32(file), track: UInt32(firstTrack + maker)))
        }
    }

    struct Plan {
        struct Lane {
            /// A series of the lane's metric; nil in the last lane.
            var series: UInt32?
            /// A range of the plan's order.
            var axes: Range<Int>
        }
        var lanes: [Lane] = []
        /// Axes as they are stored, lane by lane, in a lane in the order of files.
        var order: [UInt32] = []
        /// For each axis its number in the segment.
        var numbers: [UInt32] = []
    }

    /// Puts the axes in the order of lanes.
    func sorted(_ metrics: SeriesByMetric, _ series: IntakeSeries) -> Plan {
        // For each track the first metric that takes it, and for each metric its first series.
        var metricsOfTracks = [UInt32](repeating: .max, count: series.tracks.count)
        var examples: [UInt32] = []
        for group in metrics {
            for number in group {
                let track = Int(series.series[Int(number)].track)
                if metricsOfTracks[track] == .max { metricsOfTracks[track] = UInt32(examples.count) }
            }
            examples.append(group.first ?? 0)
        }
        var points = [Int](repeating: 0, count: examples.count)
        for axis in axes { points[Int(metricsOfTracks[Int(axis.track)])] += axis.rows.count }
        let last = examples.count
        let laneOf = axes.map { axis in
            let metric = Int(metricsOfTracks[Int(axis.track)])
            return points[metric] >= Self.fewestPoints ? metric : last
        }

        var starts = [Int](repeating: 0, count: last + 2)
        for lane in laneOf { starts[lane + 1] += 1 }
        for lane in 0...last { starts[lane + 1] += starts[lane] }
        var plan = Plan()
        for lane in 0...last where starts[lane] < starts[lane + 1] {
            plan.lanes.append(
                Plan.Lane(series: lane < last ? examples[lane] : nil, axes: starts[lane]..<starts[lane + 1]))
        }
        plan.order = [UInt32](repeating: 0, count: axes.count)
        plan.numbers = [UInt32](repeating: 0, count: axes.count)
        for (axis, lane) in laneOf.enumerated() {
            plan.order[starts[lane]] = UInt32(axis)
            plan.numbers[axis] = UInt32(starts[lane])
            starts[lane] += 1
        }
        return plan
    }
}
