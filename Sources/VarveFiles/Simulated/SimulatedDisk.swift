/// All files and names of a simulated file system, without faults: what is cached, what is durable, what is pending.
///
/// Not thread-safe: ``SimulatedFileSystem`` holds its lock around every use. Nothing here depends on the order of a
/// dictionary, so that one seed gives one history.
final class SimulatedDisk {
    /// A change of names that the page cache has and the disk may not have yet; it happens as a whole.
    struct NameChange {
        var sets: [NameSet]
    }

    struct NameSet: Hashable {
        var slot: Slot
        /// What the name leads to; nil: it is removed.
        var target: UInt64?
    }

    struct Slot: Hashable {
        var directory: UInt64
        var name: String
    }

    static let root: UInt64 = 1
    /// No test needs more, and a wrong offset must not exhaust the memory.
    static let largestFile = 1 << 30

    private(set) var inodes: [UInt64: SimulatedInode] = [:]
    private var lastInode = root
    private var pending: [NameChange] = []
    /// Files that may have unsynced pages, in the order in which they came.
    private var unsynced: [UInt64] = []
    private(set) var usedPages = 0
    /// What files that are made or written now are stamped with.
    var time: Int64 = 0
    var random: SplitMix64

    init(random: SplitMix64) {
        self.random = random
        let root = SimulatedInode(Self.root, .directory, modified: 0)
        root.holds = 1
        root.links = 1
        inodes[Self.root] = root
    }

    // MARK: Names

    /// The inode behind a path; nil if its last component isn't there.
    func find(_ path: String, _ call: String) throws(FileError) -> SimulatedInode? {
        guard let (directory, name) = try place(path, call) else { return inodes[Self.root] }
        return directory.entries[name].flatMap { inodes[$0] }
    }

    /// The directory that holds, or would hold, `path`, and the last component; nil for the root.
    func place(_ path: String, _ call: String) throws(FileError) -> (directory: SimulatedInode, name: String)? {
        try checkPath(call, path)
        if path.isEmpty { throw FileError(call, path, .notFound) }
        let components = path.split(separator: "/").filter { $0 != "." }
        guard let name = components.last else { return nil }
        guard var directory = inodes[Self.root] else { return nil }
        for component in components.dropLast() {
            guard let number = directory.entries[String(component)], let next = inodes[number] else {
                throw FileError(call, path, .notFound)
            }
            guard next.kind == .directory else { throw FileError(call, path, .notDirectory) }
            directory = next
        }
        return (directory, String(name))
    }

    func make(_ kind: FileStatus.Kind) -> SimulatedInode {
        lastInode += 1
        let inode = SimulatedInode(lastInode, kind, modified: time)
        inodes[lastInode] = inode
        return inode
    }

    /// Changes names in the cache; when the disk follows is left to syncing and chance.
    func change(_ sets: [NameSet]) {
        for set in sets {
            guard let directory = inodes[set.slot.directory] else { continue }
            directory.modified = time
            // What is gained is held before what is lost is let go: it may be the same inode.
            if let target = set.target { hold(target, links: 1) }
            if let old = directory.entries[set.slot.name] { release(old, links: 1) }
            directory.entries[set.slot.name] = set.target
            if let target = set.target { hold(target) }
        }
        pending.append(NameChange(sets: sets))
    }

    /// The pending changes that `isWanted` chooses reach the disk, and before them those that they build on.
    func makeDurable(where isWanted: (Int, NameChange) -> Bool) {
        var needed: Set<Slot> = []
        var chosen: [NameChange] = []
        var rest: [NameChange] = []
        for (index, change) in pending.enumerated().reversed() {
            let slots = change.sets.map(\.slot)
            if isWanted(index, change) || slots.contains(where: needed.contains) {
                needed.formUnion(slots)
                chosen.append(change)
            } else {
                rest.append(change)
            }
        }
        pending = rest.reversed()
        for change in chosen.reversed() {
            for set in change.sets {
                if let directory = inodes[set.slot.directory] {
                    let old = directory.durableEntries[set.slot.name]
                    directory.durableEntries[set.slot.name] = set.target
                    if let target = set.target { hold(target) }
                    if let old { release(old) }
                }
                if let target = set.target { release(target) }
            }
        }
    }

    func syncNames(of directory: SimulatedInode) {
        makeDurable { _, change in change.sets.contains { $0.slot.directory == directory.number } }
    }

    // MARK: Room and lifetime

    func hold(_ number: UInt64, links: Int = 0, users: Int = 0) {
        guard let inode = inodes[number] else { return }
        inode.holds += 1
        inode.links += links
        inode.users += users
    }

    func release(_ number: UInt64, links: Int = 0, users: Int = 0) {
        guard let inode = inodes[number] else { return }
        let wasInUse = inode.links > 0 || inode.users > 0
        inode.holds -= 1
        inode.links -= links
        inode.users -= users
        if wasInUse, inode.links == 0, inode.users == 0 { usedPages -= inode.cached.pages.count }
        guard inode.holds == 0 else { return }
        inodes[number] = nil
        for name in inode.entries.values { release(name, links: 1) }
        for name in inode.durableEntries.values { release(name) }
    }

    /// Makes a file longer as far as there is room; returns the size it has then.
    func grow(_ inode: SimulatedInode, to size: Int, capacity: Int?) -> Int {
        guard size > inode.cached.count else { return inode.cached.count }
        var size = size
        if let capacity {
            let free = max(0, PagedBytes.pages(capacity) - usedPages)
            let (pages, overflow) = inode.cached.pages.count.addingReportingOverflow(free)
            if !overflow, PagedBytes.pages(size) > pages { size = max(inode.cached.count, pages * PagedBytes.pageSize) }
        }
        usedPages += PagedBytes.pages(size) - inode.cached.pages.count
        inode.extend(to: size)
        touch(inode)
        return size
    }

    /// Gives a file other bytes, in the cache and on the disk.
    func replace(_ inode: SimulatedInode, _ bytes: [UInt8]) {
        usedPages -= inode.cached.pages.count
        inode.replace(bytes)
        usedPages += inode.cached.pages.count
    }

    /// Notes that a file may have unsynced pages from now on.
    func touch(_ inode: SimulatedInode) {
        inode.modified = time
        guard !inode.isListed else { return }
        inode.isListed = true
        unsynced.append(inode.number)
    }

    // MARK: What the kernel does by itself

    /// Now and then one page or one change of names reaches the disk before anybody asks for it.
    func writeBackSomething() {
        if !unsynced.isEmpty {
            let index = random.below(unsynced.count)
            let inode = inodes[unsynced[index]]
            if let inode { inode.writeBack(random.below(inode.cached.pages.count)) }
            if inode?.isDirty != true {
                inode?.isListed = false
                unsynced.remove(at: index)
            }
        }
        if !pending.isEmpty, random.chance(0.25) {
            let chosen = random.below(pending.count)
            makeDurable { index, _ in index == chosen }
        }
    }

    // MARK: Copies

    /// The same bytes, names and pending changes, used by nobody. Files that only descriptors held are gone.
    func copy(branch: UInt64) -> SimulatedDisk {
        let copy = SimulatedDisk(random: random.branch(branch))
        copy.inodes = inodes.mapValues { $0.copy() }
        copy.lastInode = lastInode
        copy.pending = pending
        copy.time = time
        copy.countReferences()
        return copy
    }

    /// The power fails: the disk's names and bytes, with chance deciding on what is under way, are all there is.
    func losePower(_ random: inout SplitMix64) {
        let chances = SimulatedChances(&random)
        let count = pending.count
        if random.chance(0.5) {
            // As a journalling file system does it: what happened up to some instant.
            let end = random.chance(chances.kept) ? count : random.below(count + 1)
            makeDurable { index, _ in index < end }
        } else {
            // As little as POSIX promises: each by itself, in order.
            let isKept = (0..<count).map { _ in random.chance(chances.kept) }
            let changes = pending
            for (change, isKept) in zip(changes, isKept) where isKept {
                for set in change.sets { inodes[set.slot.directory]?.durableEntries[set.slot.name] = set.target }
            }
        }
        pending = []
        for number in inodes.keys.sorted() {
            guard let inode = inodes[number] else { continue }
            inode.entries = inode.durableEntries
            if inode.kind == .file { inode.losePower(chances, &random) }
        }
        countReferences()
    }

    /// Counts anew who leads to what, drops what nothing leads to, and lists what may be unsynced.
    private func countReferences() {
        for inode in inodes.values { (inode.holds, inode.links, inode.users, inode.isListed) = (0, 0, 0, false) }
        inodes[Self.root]?.holds = 1
        inodes[Self.root]?.links = 1
        for inode in inodes.values {
            for target in inode.entries.values { hold(target, links: 1) }
            for target in inode.durableEntries.values { hold(target) }
        }
        for change in pending { for set in change.sets { set.target.map { hold($0) } } }
        var garbage = inodes.values.filter { $0.holds == 0 }
        while let inode = garbage.popLast() {
            inodes[inode.number] = nil
            let targets = inode.entries.values.map { ($0, 1) } + inode.durableEntries.values.map { ($0, 0) }
            for (target, links) in targets {
                guard let child = inodes[target] else { continue }
                child.holds -= 1
                child.links -= links
                if child.holds == 0 { garbage.append(child) }
            }
        }
        unsynced = inodes.keys.sorted().filter { inodes[$0]?.isDirty == true }
        for number in unsynced { inodes[number]?.isListed = true }
        usedPages = inodes.values.reduce(0) { $0 + ($1.links > 0 ? $1.cached.pages.count : 0) }
    }
}
