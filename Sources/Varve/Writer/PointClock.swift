import VarveFiles

/// What stamps points that come without a time.
struct PointClock: Sendable {
    /// The quick road, one word: what a handle keeps. Nil: there is no counter, or it isn't wanted.
    let counter: CounterClock.Reader?
    private let host: any Host

    init(_ kind: LogClock, _ environment: Environment) {
        host = environment.host
        counter = kind == .counter && environment.hasThreads ? CounterClock.shared.reader : nil
    }

    /// Nanoseconds since 1970.
    @inline(__always)
    func now() -> Int64 { if let counter { counter.now() } else { host.wallTime() } }
}
