import Varve
import VarveFiles

/// A way to call `log`, and the bare stores that do the same without Varve.
struct CallSite: Sendable {
    /// Where a point's time comes from.
    enum Clock: String, Sendable {
        case counter = "counter clock"
        case system = "system clock"
        case given = "time given"
    }

    var clock: Clock
    /// The points go to these in turn.
    var series: [Series]

    private static let host = RealHost()

    /// Logs the points of a burst that `range` names.
    func log(_ first: Int, _ range: Range<Int>) {
        if series.count == 1 { logOne(series[0], first, range) } else { logInTurn(first, range) }
    }

    @inline(never)
    private func logOne(_ series: Series, _ first: Int, _ range: Range<Int>) {
        Burst.values.withUnsafeBufferPointer { values in
            if clock == .given {
                for i in range { series.log(values[i], step: first &+ i, time: Int64(i)) }
            } else {
                for i in range { series.log(values[i], step: first &+ i) }
            }
        }
    }

    @inline(never)
    private func logInTurn(_ first: Int, _ range: Range<Int>) {
        let mask = series.count - 1
        Burst.values.withUnsafeBufferPointer { values in
            series.withUnsafeBufferPointer { series in
                if clock == .given {
                    for i in range { series[i & mask].log(values[i], step: first &+ i, time: Int64(i)) }
                } else {
                    for i in range { series[i & mask].log(values[i], step: first &+ i) }
                }
            }
        }
    }

    /// The same number of stores with the same clock.
    @inline(never)
    func store(_ store: MappedStore, _ first: Int, _ range: Range<Int>) {
        let counter = CounterClock.shared.reader
        var cursor = store.cursor
        Burst.values.withUnsafeBufferPointer { values in
            switch clock {
            case .counter:
                for i in range { cursor.store(step: first &+ i, time: counter.now(), value: values[i], series: 0) }
            case .system:
                for i in range {
                    cursor.store(step: first &+ i, time: Self.host.wallTime(), value: values[i], series: 0)
                }
            case .given:
                for i in range { cursor.store(step: first &+ i, time: Int64(i), value: values[i], series: 0) }
            }
        }
    }
}
