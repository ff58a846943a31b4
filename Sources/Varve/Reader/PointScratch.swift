import VarveFormat

/// Memory for points that have to be put together: what a query cuts out of a slice, or what comes from logs and journals.
/// Filled anew for each piece of a series.
final class PointScratch {
    private let steps = WordBlock(0)
    private let times = WordBlock(0)
    private let values = WordBlock(0)
    private let x = WordBlock(0)

    /// Copies points, and the x metric's values for them.
    func fill(_ points: PointBuffer, x other: [Double] = []) -> (place: PointPlace, x: UnsafePointer<Double>?) {
        let count = points.count
        points.steps.withUnsafeBufferPointer { Self.copy($0, to: steps.reserve(count)) }
        points.times.withUnsafeBufferPointer { Self.copy($0, to: times.reserve(count)) }
        points.values.withUnsafeBufferPointer { Self.copy($0, to: values.reserve(count)) }
        let place = PointPlace(
            steps: UnsafePointer(steps.steps), times: UnsafePointer(times.numbers),
            values: UnsafePointer(values.values), count: count)
        guard !other.isEmpty else { return (place, nil) }
        other.withUnsafeBufferPointer { Self.copy($0, to: x.reserve(other.count)) }
        return (place, UnsafePointer(x.values))
    }

    private static func copy<Word>(_ source: UnsafeBufferPointer<Word>, to target: UnsafeMutablePointer<UInt64>) {
        UnsafeMutableRawPointer(target).copyMemory(
            from: UnsafeRawBufferPointer(source).baseAddress ?? UnsafeRawPointer(target), byteCount: 8 * source.count)
    }

    /// Copies those points whose steps and times are wanted; columns that `place` has not are left out.
    func select(
        _ place: PointPlace, _ limits: StepLimits, _ wanted: ClosedRange<Int64>?
    ) -> PointPlace {
        _ = steps.reserve(place.steps == nil ? 0 : place.count)
        _ = times.reserve(place.times == nil ? 0 : place.count)
        _ = values.reserve(place.values == nil ? 0 : place.count)
        var count = 0
        for i in 0..<place.count {
            if let steps = place.steps, !limits.contains(Int64(steps[i])) { continue }
            if let wanted, let times = place.times {
                guard times[i] != FormatConstants.noTime, wanted.contains(times[i]) else { continue }
            }
            if let from = place.steps { steps.steps[count] = from[i] }
            if let from = place.times { times.numbers[count] = from[i] }
            if let from = place.values { values.values[count] = from[i] }
            count += 1
        }
        return PointPlace(
            steps: place.steps == nil ? nil : UnsafePointer(steps.steps),
            times: place.times == nil ? nil : UnsafePointer(times.numbers),
            values: place.values == nil ? nil : UnsafePointer(values.values), count: count)
    }
}
