import Synchronization

/// A file system in memory that counts each call and fails, kills or cuts the power where a test says.
///
/// **Fault model.** Two states are kept of everything: what the page cache has, which every process sees at once, and what
/// the disk has. Pages (4 KiB) reach the disk by `sync` (all of a file, mapped pages included, and its size) and by a region's
/// `sync` (its pages, and the file's size); names reach it by `syncDirectory`, and by nothing else: a synced file may
/// have no name yet. Besides, at every call chance may write back one page or one change of names.
///
/// - *Failing calls*: ``failCall(_:_:)`` and ``fail(_:times:tearing:evicting:when:)`` make a call throw. A write may be
///   torn first. A `sync` that fails loses the pages: the kernel takes them for clean, and no later sync writes them until they
///   are written anew (ext4, xfs); with `evicting` reads see the old content, too (btrfs). Every descriptor that was open then
///   is told by its next `sync`, whoever's failed.
/// - *Room*: a capacity in bytes; growing files fill it page by page, and what doesn't fit is `noSpace`. Room comes back once
///   a file has neither names nor users. Files have no holes: mapped stores never lack room.
/// - *Kill* (SIGKILL): from one call on every call throws `killed` and has no effect; the one that was under way may leave a part
///   of what it writes. ``afterKill()`` shows what the next process finds: everything in the page cache, mapped stores included.
///   These are copied at the instant of the kill, so that what a thread stores until it notices doesn't count. (Such a copy isn't
///   made at one instant: a thread that stores during it may be seen half; drive the simulation from one thread to have
///   no doubt, or check ``isKilled`` after each store: if it is false, the store was before.)
/// - *Power failure*: ``afterPowerLoss(seed:)`` shows what the next boot finds. What was synced is there. Of what wasn't,
///   chance decides by page or by sector of 512 bytes: kept, dropped, so also out of order, with zeros in gaps; a file's size
///   is the old one, the new one or between. Changes of names either happened up to some instant, or each for itself; a rename
///   happens as a whole. Sectors are atomic.
///
/// **Not modelled**: symbolic links, permissions, time stamps other than ``setTime(_:)``, bits that rot (``replace(_:with:)``
/// does that), a region that is mapped anew with more bytes than at first (`invalid`).
///
/// One seed gives one history, as long as calls come in one order. All methods may be called from several threads.
package final class SimulatedFileSystem: FileSystem, @unchecked Sendable {
    // The lock guards all stored properties below it. It is held for the length of a call, conditions of rules included.
    private let gate = ConditionGate()
    private var disk: SimulatedDisk
    private var faults = SimulatedFaults()
    private var settings: Settings
    private var log: [SimulatedCall] = []
    private var count = 0
    /// What was there at the instant of the kill.
    private var remains: SimulatedDisk?
    private let killed = Atomic(false)

    struct Settings {
        var mapsSafely: Bool
        var isRemote: Bool
        var capacity: Int?
        var writeBack = 0.125
    }

    /// An empty file system: only `/` is there. Relative paths begin there, too.
    /// - Parameter capacity: bytes, in pages of 4 KiB; nil: endless.
    package init(seed: UInt64, mapsSafely: Bool = true, isRemote: Bool = false, capacity: Int? = nil) {
        disk = SimulatedDisk(random: SplitMix64(seed: seed))
        settings = Settings(mapsSafely: mapsSafely, isRemote: isRemote, capacity: capacity)
    }

    private init(_ disk: SimulatedDisk, _ settings: Settings) {
        self.disk = disk
        self.settings = settings
    }

    // MARK: Faults

    /// The process dies at the call of this number (the first is 1), or at the next one if that has passed.
    package func kill(atCall number: Int, tearing: SimulatedTearing = .none) {
        kill(tearing: tearing) { $0.number >= number }
    }

    /// The process dies at the first call that fits. `condition` must not use the file system.
    package func kill(tearing: SimulatedTearing = .none, when condition: @escaping @Sendable (SimulatedCall) -> Bool) {
        add(SimulatedFaults.Rule(code: nil, timesLeft: 1, tearing: tearing, evicting: false, condition: condition))
    }

    /// The call of this number fails.
    package func failCall(_ number: Int, _ code: FileError.Code) {
        fail(code, times: 1) { $0.number == number }
    }

    /// Calls that fit fail. `condition` must not use the file system.
    /// - Parameters:
    ///   - tearing: how much of a write happens first.
    ///   - evicting: a sync that fails also drops the pages from the cache.
    package func fail(
        _ code: FileError.Code, times: Int = .max, tearing: SimulatedTearing = .none, evicting: Bool = false,
        when condition: @escaping @Sendable (SimulatedCall) -> Bool
    ) {
        add(
            SimulatedFaults.Rule(
                code: code, timesLeft: times, tearing: tearing, evicting: evicting, condition: condition))
    }

    private func add(_ rule: SimulatedFaults.Rule) { gate.locked { faults.rules.append(rule) } }

    /// After this many more bytes every write fails; the one that crosses the limit is torn there.
    package func limitWrites(toBytes bytes: Int, then code: FileError.Code = .noSpace) {
        gate.locked { faults.writeBudget = (bytes, code) }
    }

    /// Forgets every fault that hasn't happened yet.
    package func clearFaults() { gate.locked { faults = SimulatedFaults() } }

    package func setCapacity(_ bytes: Int?) { gate.locked { settings.capacity = bytes } }

    /// What files that change from now on are stamped with, in nanoseconds since 1970.
    package func setTime(_ time: Int64) { gate.locked { disk.time = time } }

    /// How likely a call is to be accompanied by one page or name reaching the disk on its own.
    package func setWriteBack(_ chance: Double) { gate.locked { settings.writeBack = chance } }

    // MARK: What happened

    /// How many calls were made. One that kills counts; those of a dead process don't.
    package var callCount: Int { gate.locked { count } }

    /// The calls that were made, the last 10,000 at least.
    package var calls: [SimulatedCall] { gate.locked { log } }

    /// Whether the process is dead. Cheap.
    package var isKilled: Bool { killed.load(ordering: .sequentiallyConsistent) }

    // MARK: What comes after

    /// What the next process finds. Kills this one if it still lives.
    package func afterKill() -> SimulatedFileSystem {
        gate.locked {
            die()
            return SimulatedFileSystem((remains ?? disk).copy(branch: 1), settings)
        }
    }

    /// What the next boot finds: another for each seed. Kills this process if it still lives.
    package func afterPowerLoss(seed: UInt64) -> SimulatedFileSystem {
        gate.locked {
            die()
            let copy = (remains ?? disk).copy(branch: 2)
            var random = SplitMix64(seed: seed)
            copy.losePower(&random)
            return SimulatedFileSystem(copy, settings)
        }
    }

    /// A copy of everything but the faults, in which to try something. This one goes on.
    package func snapshot() -> SimulatedFileSystem {
        gate.locked { SimulatedFileSystem((remains ?? disk).copy(branch: 3), settings) }
    }

    private func die() {
        guard !isKilled else { return }
        // First the flag: a store that precedes a look at `isKilled` which said no is then in the copy.
        killed.store(true, ordering: .sequentiallyConsistent)
        remains = disk.copy(branch: 0)
    }

    // MARK: Looking in from outside, as no process does: nothing here counts as a call

    /// The content of a file as the page cache has it; nil if there is no such file.
    package func content(_ path: String) -> [UInt8]? {
        gate.locked {
            guard let inode = try? disk.find(path, "content"), inode.kind == .file else { return nil }
            return inode.content()
        }
    }

    /// The paths of all files and of all directories without the root, sorted.
    package func paths() -> [String] {
        gate.locked { disk.paths() }
    }

    /// Gives a file other bytes, in the cache and on the disk. Nobody may have it open.
    /// - Returns: whether there is such a file.
    @discardableResult
    package func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        gate.locked {
            guard let inode = try? disk.find(path, "replace"), inode.kind == .file, inode.users == 0 else {
                return false
            }
            disk.replace(inode, bytes)
            return true
        }
    }

    // MARK: The door for calls

    /// Everything that happens at every call: counting, dying, failing, chance; then `body`.
    func call<Result>(
        _ kind: SimulatedCall.Kind, _ path: String, offset: Int = 0, bytes: Int = 0,
        onFault: (SimulatedDisk, SimulatedTearing, Bool) -> Void = { _, _, _ in },
        _ body: (SimulatedDisk, Settings) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try gate.locked { () throws(FileError) -> Result in
            guard !isKilled else { throw FileError(kind.rawValue, path, .killed) }
            count += 1
            let call = SimulatedCall(number: count, kind: kind, path: path, offset: offset, bytes: bytes)
            if log.count == 20_000 { log.removeFirst(10_000) }
            log.append(call)
            if let rule = faults.rule(for: call) {
                if kind != .sync && kind != .syncRegion || rule.code != nil {
                    onFault(disk, rule.tearing, rule.evicting)
                }
                if rule.code == nil { die() }
                throw FileError(kind.rawValue, path, rule.code ?? .killed)
            }
            if settings.writeBack > 0, disk.random.chance(settings.writeBack) { disk.writeBackSomething() }
            return try body(disk, settings)
        }
    }

    /// How much of a write of `bytes` the budget allows, and what to say of the rest. Within a call.
    func takeFromBudget(_ bytes: Int) -> (allowed: Int, code: FileError.Code)? {
        guard let budget = faults.writeBudget else { return nil }
        let allowed = min(bytes, max(0, budget.bytes))
        faults.writeBudget = (budget.bytes - allowed, budget.code)
        return (allowed, budget.code)
    }

    /// A descriptor or a region goes. No call: it can't fail.
    func release(_ inode: UInt64) {
        gate.locked { disk.release(inode, users: 1) }
    }
}
