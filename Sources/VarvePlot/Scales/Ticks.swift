import Glibc

/// A place on an axis that has a text.
struct Tick: Hashable, Sendable {
    var value: Double
    var text: String
}

/// Ticks at round numbers, all of them between the ends of a scale.
enum Ticks {
    /// More would never be drawn, whatever the room.
    private static let most = 100

    /// About `target` ticks for an axis; at least one wherever a round number lies on it.
    static func ticks(_ axis: PlotAxis, _ scale: Scale, target: Int) -> [Tick] {
        let target = max(1, min(target, most))
        switch axis.kind {
        case .words(let words):
            let step = max(1, (words.count + target - 1) / target)
            return stride(from: 0, to: words.count, by: step).map { Tick(value: Double($0), text: words[$0]) }
        case .duration: return DurationTicks.ticks(scale, target: target)
        case .time: return TimeTicks.ticks(scale, target: target)
        case .number, .step:
            if scale.isLogarithmic { return logarithmic(scale, target: target) }
            let numbers = round(scale, target: target, wholeNumbers: axis.kind == .step)
            return zip(numbers, TickText.texts(numbers)).map { Tick(value: $0.value, text: $1) }
        }
    }

    /// As many ticks as there is room for.
    ///
    /// - Parameters:
    ///   - length: the axis' length.
    ///   - extent: how much of that length a text takes, with the distance that it wants to its neighbour.
    static func fitting(
        _ axis: PlotAxis, _ scale: Scale, most: Int, length: Double, extent: (String) -> Double
    ) -> [Tick] {
        for target in stride(from: max(2, most), through: 1, by: -1) {
            let ticks = ticks(axis, scale, target: target)
            let places = ticks.map { (scale.share(of: $0.value) ?? 0) * length }
            let extents = ticks.map { extent($0.text) }
            let fits = places.indices.dropFirst().allSatisfy {
                places[$0] - places[$0 - 1] >= (extents[$0] + extents[$0 - 1]) / 2
            }
            if fits, ticks.count <= most || target == 1 { return ticks }
        }
        return Array(ticks(axis, scale, target: 1).prefix(1))
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    static func round(_ scale: Scale, target: Int, wholeNumbers: Bool = false) -> [RoundNumber] {
        let half = scale.high / 2 - scale.low / 2
        let raw = half / (Double(target) / 2)
        guard raw > 0, raw.isFinite else { return [] }
        var exponent = Int(log10(raw).rounded(.down))
        let share = raw / PowersOfTen.power(exponent)
        // A little more than a round distance is that distance, but for rounding.
        var factor = share <= 1 + 1e-6 ? 1 : share <= 2 + 2e-6 ? 2 : share <= 5 + 5e-6 ? 5 : 10
        if factor == 10 { (factor, exponent) = (1, exponent + 1) }
        if wholeNumbers, exponent < 0 { (factor, exponent) = (1, 0) }
        let step = RoundNumber(mantissa: factor, exponent: exponent).value
        guard step > 0, step.isFinite else { return [] }
        let first = (scale.low / step - 1e-6).rounded(.up)
        let last = (scale.high / step + 1e-6).rounded(.down)
        guard first.magnitude < 1e17, last.magnitude < 1e17, first <= last, last - first <= Double(4 * most) else {
            return []
        }
        return (Int(first)...Int(last)).map { RoundNumber(mantissa: $0 * factor, exponent: exponent) }
            .filter { scale.contains($0.value) }
    }

    private static func logarithmic(_ scale: Scale, target: Int) -> [Tick] {
        let (low, high) = (Int(log10(scale.low).rounded(.down)), Int(log10(scale.high).rounded(.up)))
        var numbers: [RoundNumber] = []
        let decades = log10(scale.high) - log10(scale.low)
        if decades < 0.7 {
            // Too little for powers of ten: round numbers as on a linear axis.
            numbers = round(scale, target: target)
        } else {
            let stride = max(1, Int((decades / Double(target)).rounded(.up)))
            let factors = decades * 3 <= Double(target) ? [1, 2, 5] : decades * 2 <= Double(target) ? [1, 3] : [1]
            for exponent in low...high where (exponent % stride) == 0 {
                numbers += factors.map { RoundNumber(mantissa: $0, exponent: exponent) }
            }
        }
        numbers = numbers.filter { scale.contains($0.value) }
        return zip(numbers, TickText.logarithmicTexts(numbers)).map { Tick(value: $0.value, text: $1) }
    }
}
