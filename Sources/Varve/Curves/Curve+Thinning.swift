extension Curve {
    /// At most `count` of the finite ``points`` that keep the shape of the curve: Largest-Triangle-Three-Buckets
    /// (S. Steinarsson, "Downsampling time series for visual representation", 2013). Of a curve with several times as many
    /// pixels this is MinMaxLTTB (J. Van Der Donckt et al., 2023).
    ///
    /// The first and the last point are kept. A spike may be lost, which of ``points`` is never true: for small pictures, not
    /// for judging a run.
    public func thinned(to count: Int) -> [Point] {
        let points = points.filter(\.value.isFinite)
        guard points.count > max(2, count) else { return points }
        guard count > 2, let origin = points.first else {
            return count < 1 ? [] : count == 1 ? [points[0]] : [points[0], points[points.count - 1]]
        }
        // From the first point on, so that small distances between great steps and times survive.
        let x = points.map { point in
            axis == .steps ? Double(point.step) - Double(origin.step) : Double(point.time &- origin.time)
        }
        let y = points.map(\.value)
        var kept = [0]
        /// Where a bucket begins; the last point is a bucket of its own.
        func start(_ bucket: Int) -> Int { 1 + bucket * (points.count - 2) / (count - 2) }
        for bucket in 0..<(count - 2) {
            let next = start(bucket + 1)..<(bucket + 1 < count - 2 ? start(bucket + 2) : points.count)
            let weight = 1 / Double(next.count)
            let meanX = next.reduce(0) { $0 + x[$1] * weight }
            let meanY = next.reduce(0) { $0 + y[$1] * weight }
            let before = kept[kept.count - 1]
            var best = (index: start(bucket), area: -1.0)
            for i in start(bucket)..<start(bucket + 1) {
                let area = abs((x[before] - meanX) * (y[i] - y[before]) - (x[before] - x[i]) * (meanY - y[before]))
                if area > best.area { best = (i, area) }
            }
            kept.append(best.index)
        }
        return (kept + [points.count - 1]).map { points[$0] }
    }
}
