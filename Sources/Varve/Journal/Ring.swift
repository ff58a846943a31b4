import Synchronization
import VarveFiles
import VarveFormat

/// The newest points of one log file, in memory that the page cache owns where the file system allows it: the only
/// place of the writer's hot path with unsafe pointers.
///
/// Any thread claims a sequence with one atomic add and stores 32 bytes; one drainer at a time copies records out in
/// the order
/// of their sequences and frees their slots. The control words live in this process's heap, not in the mapped file: a
/// handle
/// that outlives its run finds its ring closed for ever, though the file's pages already serve the next run.
final class Ring: @unchecked Sendable {
    /// What the hot path reads, in one place.
    let hot: UnsafeMutablePointer<RingHot>
    let slots: Int
    /// Keeps the records' memory.
    private let memory: RingMemory
    /// What keeps the records' memory alive.
    enum RingMemory {
        case mapped(any MappedRegion)
        case heap(UnsafeMutableRawPointer)
    }

    /// Set in `claimed` when nothing may be claimed any more.
    static let closedBit: UInt64 = 1 << 63

    /// - Parameters:
    ///   - slots: a power of two.
    ///   - claimed: the first sequence that will be claimed.
    init(memory: RingMemory, slots: Int, salt: UInt64, firstSequence: UInt64 = 0) {
        self.memory = memory
        self.slots = slots
        let base: UnsafeMutableRawPointer =
            switch memory {
            case .mapped(let region): region.base + FormatConstants.journalHeaderBytes
            case .heap(let pointer): pointer
            }
        hot = .allocate(capacity: 1)
        hot.initialize(
            to: RingHot(
                base: base, mask: UInt64(slots - 1), salt: salt, firstSequence: firstSequence,
                limit: firstSequence + UInt64(slots), slack: UInt64(Self.slack(slots))))
    }

    deinit {
        hot.deinitialize(count: 1)
        hot.deallocate()
        if case .heap(let pointer) = memory { pointer.deallocate() }
    }

    /// A ring in ordinary memory, where nothing can be mapped or nothing needs to be.
    static func heap(slots: Int, salt: UInt64, firstSequence: UInt64 = 0) -> Ring {
        let bytes = slots * FormatConstants.journalRecordBytes
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return Ring(memory: .heap(memory), slots: slots, salt: salt, firstSequence: firstSequence)
    }

    /// As many threads may pass the check for room at once before one of them has to wait behind its claim.
    private static func slack(_ slots: Int) -> Int { min(256, slots / 8) }

    /// What `claimed` was when the ring was closed. The counter itself may move on: a thread that passed the check just
    /// before adds to it, sees that it came too late, and goes away.
    private let final = Atomic<UInt64>(.max)

    /// The sequence after the last one that was claimed.
    var claimed: UInt64 {
        let counter = hot.pointee.claimed.load(ordering: .acquiring)
        guard counter & Self.closedBit != 0 else { return counter }
        while true {
            let final = final.load(ordering: .acquiring)
            if final != .max { return final }
        }
    }
    var isClosed: Bool { hot.pointee.claimed.load(ordering: .relaxed) & Self.closedBit != 0 }

    /// Lets nobody claim any more. Returns the sequence after the last one that was claimed; once closed, nil.
    func close() -> UInt64? {
        let before = hot.pointee.claimed.bitwiseOr(Self.closedBit, ordering: .acquiringAndReleasing).oldValue
        guard before & Self.closedBit == 0 else { return nil }
        final.store(before, ordering: .releasing)
        return before
    }

    /// Lets the slots of everything below `sequence` be used again.
    func free(below sequence: UInt64) {
        hot.pointee.setLimit(sequence + UInt64(slots))
    }

    /// The record of `sequence`, if it was published.
    func record(_ sequence: UInt64) -> JournalRecord? { hot.pointee.record(sequence) }

    /// Whether the thread that claimed `sequence` has given it up: it will never be published.
    func isAbandoned(_ sequence: UInt64) -> Bool { hot.pointee.abandoned.withLock { $0.contains(sequence) } }
}

/// The part of a ring that every `log` call touches; the claimed counter has cache lines of its own.
struct RingHot: ~Copyable {
    let claimed: Atomic<UInt64>
    private let padding = Padding()
    /// Claims below this one find room.
    private let softLimit: Atomic<UInt64>
    /// Below this, the claimed slot itself is free.
    private let hardLimit: Atomic<UInt64>
    private let base: UnsafeMutableRawPointer
    private let mask: UInt64
    private let salt: UInt64
    private let slack: UInt64
    /// Sequences whose threads waited in vain for their slots. Hardly ever any.
    let abandoned = Guarded<Set<UInt64>>([])
    private static let patience: Int64 = 1_000_000_000

    private struct Padding {
        let a = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        let b = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    }

    init(
        base: UnsafeMutableRawPointer, mask: UInt64, salt: UInt64, firstSequence: UInt64, limit: UInt64, slack: UInt64
    ) {
        claimed = Atomic(firstSequence)
        softLimit = Atomic(limit - slack)
        hardLimit = Atomic(limit)
        self.base = base
        self.mask = mask
        self.salt = salt
        self.slack = slack
    }

    borrowing func setLimit(_ limit: UInt64) {
        hardLimit.store(limit, ordering: .releasing)
        softLimit.store(limit - slack, ordering: .releasing)
    }

    /// Claims a sequence; nil if there is no room, or the ring is closed.
    @inline(__always)
    borrowing func claim() -> UInt64? {
        guard claimed.load(ordering: .relaxed) < softLimit.load(ordering: .acquiring) else { return nil }
        let sequence = claimed.wrappingAdd(1, ordering: .relaxed).oldValue
        if sequence < hardLimit.load(ordering: .acquiring) { return sequence }
        return waitForOwnSlot(sequence)
    }

    /// Claims `count` consecutive sequences; nil if there is no room, or the ring is closed.
    ///
    /// What is added only if nobody came in between can't go beyond the limit: two batches in a ring that is all but
    /// full would wait there for as long as the disk is.
    @inline(__always)
    borrowing func claim(_ count: UInt64) -> UInt64? {
        var first = claimed.load(ordering: .relaxed)
        while first &+ count <= softLimit.load(ordering: .acquiring) {
            let (isOurs, found) = claimed.weakCompareExchange(
                expected: first, desired: first &+ count, ordering: .relaxed)
            if isOurs { return first }
            first = found
        }
        return nil
    }

    /// More threads than the slack has slots claimed at the same instant in a ring that was all but full; or it was
    /// closed in between. The sequence becomes a hole if its slot never becomes free, or not in a second.
    @inline(never)
    borrowing func waitForOwnSlot(_ sequence: UInt64) -> UInt64? {
        let deadline = RealHost.monotonicTime() + Self.patience
        while true {
            // The point goes to the next ring.
            if claimed.load(ordering: .relaxed) & Ring.closedBit != 0 { return nil }
            if sequence < hardLimit.load(ordering: .acquiring) { return sequence }
            if RealHost.monotonicTime() >= deadline {
                abandoned.withLock { _ = $0.insert(sequence) }
                return nil
            }
            Pause.short()
        }
    }

    /// The most points that one batch may claim at a time: a quarter of the ring.
    var batchLimit: Int { Int(mask / 4) + 1 }

    /// Whether `count` points would find room now.
    func hasRoom(_ count: UInt64) -> Bool {
        claimed.load(ordering: .relaxed) &+ count <= softLimit.load(ordering: .acquiring)
    }

    /// Whether the claim of `count` sequences from `first` on reaches the end of a half: time for a drain.
    @inline(__always)
    borrowing func endsHalf(_ first: UInt64, _ count: Int = 1) -> Bool {
        let half = mask &>> 1
        return first & half &+ UInt64(count) > half
    }

    /// Stores a point under a claimed sequence, and publishes it.
    @inline(__always)
    borrowing func store(_ sequence: UInt64, step: Int64, time: Int64, value: UInt64, series: UInt32) {
        let slot = base + Int(truncatingIfNeeded: (sequence & mask) &<< 5)
        slot.storeBytes(of: step.littleEndian, toByteOffset: 0, as: Int64.self)
        slot.storeBytes(of: time.littleEndian, toByteOffset: 8, as: Int64.self)
        slot.storeBytes(of: value.littleEndian, toByteOffset: 16, as: UInt64.self)
        let check = JournalRecord.check(
            step: step, time: time, value: value, series: series, sequence: sequence, salt: salt)
        let last = (slot + 24).assumingMemoryBound(to: Atomic<UInt64>.self)
        last.pointee.store((UInt64(check) &<< 32 | UInt64(series)).littleEndian, ordering: .releasing)
    }

    /// The record of `sequence`, if it was published.
    @inline(__always)
    borrowing func record(_ sequence: UInt64) -> JournalRecord? {
        let slot = base + Int(truncatingIfNeeded: (sequence & mask) &<< 5)
        let last = (slot + 24).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring)
        let word = UInt64(littleEndian: last)
        let record = JournalRecord(
            step: Int64(littleEndian: slot.load(as: Int64.self)),
            time: Int64(littleEndian: slot.load(fromByteOffset: 8, as: Int64.self)),
            value: UInt64(littleEndian: slot.load(fromByteOffset: 16, as: UInt64.self)),
            series: UInt32(truncatingIfNeeded: word), check: UInt32(truncatingIfNeeded: word &>> 32))
        return record.isValid(for: sequence, salt: salt) ? record : nil
    }

    /// Finds the published records from `first` on, at most up to `end`, and puts the number of each one's series into
    /// `series`, in place of what is there; stops at the first that isn't published.
    ///
    /// - Returns: the records where they lie. They stay as they are until their slots are freed.
    borrowing func published(from first: UInt64, to end: UInt64, series: inout [UInt32]) -> JournalRows {
        let most = end > first ? Int(end - first) : 0
        // Filled in place: an append a point costs more than the rest.
        if series.count < most { series.append(contentsOf: repeatElement(0, count: most - series.count)) }
        let count = series.withUnsafeMutableBufferPointer { numbers in
            guard var number = numbers.baseAddress else { return 0 }
            var sequence = first
            while sequence < end, let record = record(sequence) {
                number.pointee = record.series
                number += 1
                sequence &+= 1
            }
            return Int(sequence - first)
        }
        series.removeLast(series.count - count)
        let records = UnsafePointer(base.assumingMemoryBound(to: JournalRecord.self))
        let start = Int(truncatingIfNeeded: first & mask)
        let head = min(count, Int(mask) + 1 - start)
        return JournalRows(
            UnsafeBufferPointer(start: records + start, count: head),
            UnsafeBufferPointer(start: records, count: count - head))
    }
}
