import VarveFiles

/// What stamps points that come without a time.
struct PointClock: Sendable {
    private let counter: CounterClock.Reader?
    private let host: any Host

    init(_ kind: LogClock, _ environment: Environment) {
        host = environment.host
        counter = kind == .counter && environment.hasThreads ? CounterClock.shared.reader : nil
    }

    /// Nanoseconds since 1970.
    @inline(__always)
    func now() -> Int64 { if let counter { counter.now() } else { host.wallTime() } }
}
