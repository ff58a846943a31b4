import Synchronization
import VarveFiles
import VarveFormat

/// What stands behind a ``Series`` handle: which ring its points go to, under which number.
///
/// A handle finds its way by itself. When its ring was closed (the writer moved to its next file, or this is a forked
/// child), the next
/// point takes the slow road, defines the series in the file that counts now, and goes on there.
final class SeriesCore: @unchecked Sendable {
    /// What every `log` call reads.
    let hot: UnsafeMutablePointer<SeriesHot>
    let key: LogAppender.SeriesKey
    let valueType: ValueType
    /// The same series with steps that are counted: a file defines it on its own, when it is first used.
    let counted: SeriesCore?
    private let shared: RunShared
    private let clock: PointClock
    /// Rings that a racing thread may still look at; only touched under the writer's bind lock.
    private var rings: [Ring] = []

    init(
        key: LogAppender.SeriesKey, valueType: ValueType, shared: RunShared, nextStep: Int64 = 0,
        counted: SeriesCore? = nil
    ) {
        self.key = key
        self.counted = counted
        self.valueType = valueType
        self.shared = shared
        clock = shared.facts.clock
        hot = .allocate(capacity: 1)
        hot.initialize(
            to: SeriesHot(
                token: ForkGuard.shared.tokenPointer, counter: shared.facts.clock.counter, nextStep: nextStep))
    }

    deinit {
        hot.deinitialize(count: 1)
        hot.deallocate()
    }

    /// The road of everything that isn't plain: a full ring, a closed one, a forked child, a series that isn't defined
    /// yet.
    @inline(never)
    func append(_ value: UInt64, step: Int64, time: Int64) {
        while true {
            let writer = shared.writer()
            guard let ring = bind(to: writer) else {
                writer.countDropped(1)
                return
            }
            if let sequence = ring.hot.pointee.claim() {
                ring.hot.pointee.store(
                    sequence, step: step, time: time, value: value,
                    series: hot.pointee.id.load(ordering: .relaxed))
                if ring.hot.pointee.endsHalf(sequence) { writer.requestDrain() }
                return
            }
            guard writer.waitForRoom(in: ring, points: 1) else {
                writer.countDropped(1)
                return
            }
        }
    }

    /// Asks for a drain: a half of the ring is full.
    @inline(never)
    func halfIsFull() { shared.writer().requestDrain() }

    /// The time, where the counter isn't used.
    @inline(never)
    func now() -> Int64 { clock.now() }

    /// A whole number had to be rounded.
    func countRounded() { shared.writer().countRounded() }

    /// Points the handle at the file that counts now. Nil: the run is closed, or the series could not be defined.
    func bind(to writer: RunWriter) -> Ring? {
        writer.bindLock.withLock {
            guard let file = writer.openFile else { return nil }
            if let last = rings.last, last === file.ring,
                hot.pointee.token.load(ordering: .relaxed) == writer.generation
            {
                return last
            }
            guard let id = writer.define(key, valueType: valueType, in: file) else { return nil }
            rings.append(file.ring)
            hot.pointee.id.store(id, ordering: .relaxed)
            hot.pointee.ring.store(UInt(bitPattern: file.ring.hot), ordering: .releasing)
            // Last: in a forked child another thread that found the token right would take the parent's ring.
            hot.pointee.token.store(writer.generation, ordering: .releasing)
            return file.ring
        }
    }
}

/// The words that `log` reads, at an address that never changes.
struct SeriesHot: ~Copyable {
    /// The process's token, in a page that a fork wipes.
    private let processToken: UnsafePointer<UInt64>
    /// The token under which this handle was bound; 0: never.
    let token = Atomic<UInt64>(0)
    /// Where the ring's hot words are; 0: nowhere yet.
    let ring = Atomic<UInt>(0)
    let id = Atomic<UInt32>(0)
    /// The next automatic step.
    let nextStep: Atomic<Int64>
    /// A word, and not the whole clock: a copy of that would count references.
    let counter: CounterClock.Reader?

    init(token processToken: UnsafePointer<UInt64>, counter: CounterClock.Reader?, nextStep: Int64) {
        self.processToken = processToken
        self.counter = counter
        self.nextStep = Atomic(nextStep)
    }

    /// The ring to log to, if nothing has changed since the handle was bound.
    @inline(__always)
    borrowing func current() -> UnsafeMutablePointer<RingHot>? {
        guard processToken.pointee == token.load(ordering: .acquiring) else { return nil }
        return UnsafeMutablePointer(bitPattern: ring.load(ordering: .acquiring))
    }
}
