import Glibc

/// Memory that stands for a mapped file's pages: it never moves, and lives as long as the file or a region that shows it.
final class SimulatedMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let count: Int

    init(pages: Int) {
        count = pages * PagedBytes.pageSize
        base = .allocate(byteCount: count, alignment: PagedBytes.pageSize)
    }

    deinit { base.deallocate() }

    func page(_ index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: base + index * PagedBytes.pageSize, count: PagedBytes.pageSize)
    }
}

/// A file or a directory, as the page cache has it and as the disk has it.
final class SimulatedInode {
    let number: UInt64
    let kind: FileStatus.Kind
    var modified: Int64
    /// Names it has now.
    var links = 0
    /// Descriptors and regions.
    var users = 0
    /// Everything that may still lead here: names, durable names, changes of names that may happen, users.
    var holds = 0
    /// Whether it stands in the list of files that may have unsynced pages.
    var isListed = false

    // A file's content.
    private(set) var cached = PagedBytes()
    private(set) var durable = PagedBytes()
    /// Pages as they were when a sync of them failed: the kernel takes them for clean, and no later sync writes them.
    private var lost: [Int: [UInt8]] = [:]
    /// Once mapped, the first pages live here, and `cached` follows by ``settle(_:)``.
    private(set) var memory: SimulatedMemory?

    // A directory's names.
    var entries: [String: UInt64] = [:]
    var durableEntries: [String: UInt64] = [:]

    init(_ number: UInt64, _ kind: FileStatus.Kind, modified: Int64) {
        self.number = number
        self.kind = kind
        self.modified = modified
    }

    /// What a new simulation starts from: the same bytes and names, nobody using them.
    func copy() -> SimulatedInode {
        settle(0..<cached.pages.count)
        let copy = SimulatedInode(number, kind, modified: modified)
        copy.cached = cached
        copy.durable = durable
        copy.lost = lost
        copy.entries = entries
        copy.durableEntries = durableEntries
        return copy
    }

    /// Whether a page may differ from the disk's. Of mapped memory nobody knows without looking.
    var isDirty: Bool {
        guard kind == .file else { return false }
        return memory != nil || durable.count != cached.count || durable.pages != cached.pages
    }

    // MARK: The page cache

    /// Takes over what was stored into mapped memory.
    private func settle(_ pages: Range<Int>) {
        guard let memory else { return }
        for index in pages.clamped(to: 0..<memory.count / PagedBytes.pageSize) {
            let current = UnsafeRawBufferPointer(memory.page(index))
            let isSame = cached.pages[index].withUnsafeBytes { page in
                guard let a = page.baseAddress, let b = current.baseAddress else { return false }
                return memcmp(a, b, PagedBytes.pageSize) == 0
            }
            if !isSame { cached.setPage(index, [UInt8](current)) }
        }
        clearTail()
    }

    /// A store behind the file's end, in its last page, is nobody's.
    private func clearTail() {
        let used = cached.count % PagedBytes.pageSize
        guard used != 0, let last = cached.pages.last, last[used...].contains(where: { $0 != 0 }) else { return }
        cached.setPage(
            cached.pages.count - 1,
            Array(last[..<used]) + [UInt8](repeating: 0, count: PagedBytes.pageSize - used))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        settle(PagedBytes.pages(offset..<max(offset, min(cached.count, offset + buffer.count))))
        return cached.read(into: buffer, at: offset)
    }

    /// All bytes.
    func content() -> [UInt8] {
        let count = cached.count
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            used = read(
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]), at: 0)
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard !buffer.isEmpty else { return }
        let pages = PagedBytes.pages(offset..<offset + buffer.count)
        settle(pages.clamped(to: 0..<cached.pages.count))
        cached.write(buffer, at: offset)
        for index in pages { lost[index] = nil }
        guard let memory, offset < memory.count else { return }
        let length = min(buffer.count, memory.count - offset)
        (memory.base + offset).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: buffer[..<length]).baseAddress ?? UnsafeRawPointer(memory.base),
            byteCount: length)
    }

    func extend(to count: Int) { cached.extend(to: count) }

    /// Memory that shows the first `size` bytes; nil if it was mapped before with fewer (it can't grow where it is).
    func map(_ size: Int) -> SimulatedMemory? {
        let pages = PagedBytes.pages(size)
        if let memory { return memory.count >= pages * PagedBytes.pageSize ? memory : nil }
        let memory = SimulatedMemory(pages: pages)
        for index in 0..<pages { memory.page(index).copyBytes(from: cached.pages[index]) }
        self.memory = memory
        return memory
    }

    // MARK: The disk

    /// All pages reach the disk, and so does the size.
    func sync() { sync(0..<cached.pages.count) }

    /// Some pages reach the disk, and so does the size.
    func sync(_ pages: Range<Int>) {
        settle(pages)
        durable.extend(to: cached.count)
        for index in pages { writePage(index) }
    }

    /// What the kernel does on its own: one page, and the size as far as it needs it.
    func writeBack(_ index: Int) {
        guard index < cached.pages.count else { return }
        settle(index..<index + 1)
        durable.extend(to: min(cached.count, (index + 1) * PagedBytes.pageSize))
        writePage(index)
    }

    private func writePage(_ index: Int) {
        let content = cached.pages[index]
        if let lostContent = lost[index] {
            if lostContent == content { return }
            lost[index] = nil
        }
        durable.setPage(index, content)
    }

    /// How many syncs of it have failed: each descriptor that was open then is told once, whoever's sync it was (Linux's errseq).
    private(set) var failedSyncs = 0

    /// A sync that failed: the pages that differ from the disk count as clean, or go back to what the disk holds.
    func failSync(_ pages: Range<Int>, evicting: Bool) {
        failedSyncs += 1
        settle(pages)
        for index in pages where cached.pages[index] != durable.page(index) {
            if evicting {
                cached.setPage(index, durable.page(index))
                memory.map { memory in
                    guard index < memory.count / PagedBytes.pageSize else { return }
                    memory.page(index).copyBytes(from: durable.page(index))
                }
            } else {
                lost[index] = cached.pages[index]
            }
        }
    }

    /// The power fails: between disk and cache, chance decides page by page and sector by sector.
    func losePower(_ chances: SimulatedChances, _ random: inout SplitMix64) {
        let (old, new) = (durable, cached)
        var result = PagedBytes()
        result.extend(to: chances.size(from: old.count, to: new.count, &random))
        for index in 0..<result.pages.count {
            let (before, after) = (old.page(index), new.page(index))
            let mayHaveChanged = before != after && lost[index] != after
            var page = mayHaveChanged ? chances.page(before, after, &random) : before
            let end = result.count - index * PagedBytes.pageSize
            if end < PagedBytes.pageSize { for byte in max(0, end)..<PagedBytes.pageSize { page[byte] = 0 } }
            result.setPage(index, page)
        }
        (cached, durable, lost) = (result, result, [:])
    }

    /// Other bytes in place of the content, on disk as well: damage that a test makes.
    func replace(_ bytes: [UInt8]) {
        cached = PagedBytes()
        bytes.withUnsafeBytes { cached.write($0, at: 0) }
        (durable, lost, memory) = (cached, [:], nil)
    }
}
