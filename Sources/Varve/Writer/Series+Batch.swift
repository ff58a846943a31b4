import Synchronization
import VarveFormat

extension Series {
    /// Logs many points of this series at once.
    ///
    /// - Parameters:
    ///   - values: the values.
    ///   - steps: as many steps.
    ///   - times: as many times, nanoseconds since 1970 (`Int64.min`: none).
    /// - Precondition: the three have the same count.
    public func log(contentsOf values: Span<Double>, steps: Span<Int>, times: Span<Int64>) {
        precondition(
            values.count == steps.count && values.count == times.count, "values, steps and times differ in count")
        append(values.count) { i in (values[i], Int64(steps[i]), times[i]) }
    }

    /// Logs many points of this series at once, all at the present time.
    /// - Precondition: as many steps as values.
    public func log(contentsOf values: Span<Double>, steps: Span<Int>) {
        precondition(values.count == steps.count, "values and steps differ in count")
        let now = now()
        append(values.count) { i in (values[i], Int64(steps[i]), now) }
    }

    /// Logs many points of this series at consecutive steps from `firstStep` on, all at the present time.
    public func log(contentsOf values: Span<Double>, firstStep: Int) {
        let now = now()
        append(values.count) { i in (values[i], Int64(firstStep) &+ Int64(i), now) }
    }

    @inline(__always)
    private func append(_ count: Int, _ point: (Int) -> (Double, Int64, Int64)) {
        let hot = core.hot
        var i = 0
        while i < count {
            guard let ring = hot.pointee.current() else {
                let (value, step, time) = point(i)
                core.append(value.bitPattern, step: step, time: time)
                i += 1
                continue
            }
            let n = min(count - i, ring.pointee.batchLimit)
            guard let first = ring.pointee.claim(UInt64(n)) else {
                let (value, step, time) = point(i)
                core.append(value.bitPattern, step: step, time: time)
                i += 1
                continue
            }
            let id = hot.pointee.id.load(ordering: .relaxed)
            for k in 0..<n {
                let (value, step, time) = point(i + k)
                ring.pointee.store(
                    first &+ UInt64(k), step: step, time: time, value: value.bitPattern, series: id)
            }
            if ring.pointee.endsHalf(first, n) { core.halfIsFull() }
            i += n
        }
    }
}
