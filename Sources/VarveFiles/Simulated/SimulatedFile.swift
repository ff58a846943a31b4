import Synchronization

/// A descriptor of a simulated file.
final class SimulatedFile: OpenFile, @unchecked Sendable {
    let path: String
    private let fileSystem: SimulatedFileSystem
    // Touched only within calls, which hold the file system's lock.
    private let inode: SimulatedInode
    private let isWritable: Bool
    private let isOpen = Atomic(true)
    /// Failed syncs of the file of which this descriptor was told, or that were before it.
    private let toldFailures: Atomic<Int>

    init(_ fileSystem: SimulatedFileSystem, _ inode: SimulatedInode, _ path: String, isWritable: Bool) {
        self.fileSystem = fileSystem
        self.inode = inode
        toldFailures = Atomic(inode.failedSyncs)
        self.path = path
        self.isWritable = isWritable
    }

    deinit { close() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try fileSystem.call(.read, path, offset: offset, bytes: buffer.count) { _, _ throws(FileError) in
            try check("pread", offset, buffer.count, writes: false)
            return inode.read(into: buffer, at: offset)
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try fileSystem.call(
            .write, path, offset: offset, bytes: buffer.count,
            onFault: { disk, tearing, _ in
                guard (try? check("pwrite", offset, buffer.count, writes: true)) != nil else { return }
                let length = tearing.length(of: buffer.count, at: offset, &disk.random)
                _ = fill(disk, nil, UnsafeRawBufferPointer(rebasing: buffer[..<length]), offset)
            }
        ) { disk, settings throws(FileError) in
            try check("pwrite", offset, buffer.count, writes: true)
            let budget = fileSystem.takeFromBudget(buffer.count)
            let allowed = budget?.allowed ?? buffer.count
            let done = fill(disk, settings.capacity, UnsafeRawBufferPointer(rebasing: buffer[..<allowed]), offset)
            if done < allowed { throw FileError("pwrite", path, .noSpace) }
            if let budget, allowed < buffer.count { throw FileError("pwrite", path, budget.code) }
        }
    }

    /// Writes what there is room for; returns its length.
    private func fill(_ disk: SimulatedDisk, _ capacity: Int?, _ buffer: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        guard !buffer.isEmpty else { return 0 }
        let end = disk.grow(inode, to: offset + buffer.count, capacity: capacity)
        let length = max(0, min(buffer.count, end - offset))
        inode.write(UnsafeRawBufferPointer(rebasing: buffer[..<length]), at: offset)
        disk.touch(inode)
        return length
    }

    func size() throws(FileError) -> Int {
        try fileSystem.call(.size, path) { _, _ throws(FileError) in
            try check("fstat", 0, 0, writes: false)
            return inode.cached.count
        }
    }

    func status() throws(FileError) -> FileStatus {
        try fileSystem.call(.fileStatus, path) { _, _ throws(FileError) in
            try check("fstat", 0, 0, writes: false)
            return FileStatus(inode)
        }
    }

    func sync() throws(FileError) {
        try fileSystem.call(
            .sync, path,
            onFault: { _, _, evicting in
                inode.failSync(0..<inode.cached.pages.count, evicting: evicting)
                toldFailures.store(inode.failedSyncs, ordering: .relaxed)
            }
        ) { _, _ throws(FileError) in
            try check("fdatasync", 0, 0, writes: false)
            inode.sync()
            // Somebody else's sync of it has failed since: what was written through this descriptor may be among what is gone.
            let failures = inode.failedSyncs
            guard toldFailures.exchange(failures, ordering: .relaxed) == failures else {
                throw FileError("fdatasync", path, .io)
            }
        }
    }

    func allocate(_ size: Int) throws(FileError) {
        try fileSystem.call(.allocate, path, bytes: size) { disk, settings throws(FileError) in
            try check("posix_fallocate", 0, size, writes: true)
            let wanted = max(size, inode.cached.count)
            if let capacity = settings.capacity {
                let more = PagedBytes.pages(wanted) - inode.cached.pages.count
                guard more <= PagedBytes.pages(capacity) - disk.usedPages || more == 0 else {
                    throw FileError("posix_fallocate", path, .noSpace)
                }
            }
            _ = disk.grow(inode, to: wanted, capacity: nil)
        }
    }

    func map(_ size: Int) throws(FileError) -> any MappedRegion {
        try fileSystem.call(.map, path, bytes: size) { disk, _ throws(FileError) in
            try check("mmap", 0, size, writes: true)
            guard size > 0, size <= inode.cached.count, let memory = inode.map(size) else {
                throw FileError("mmap", path, .invalid)
            }
            disk.hold(inode.number, users: 1)
            disk.touch(inode)
            return SimulatedMapping(fileSystem, inode, memory, size, path)
        }
    }

    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { fileSystem.release(inode.number) }
    }

    private func check(_ call: String, _ offset: Int, _ count: Int, writes: Bool) throws(FileError) {
        guard isOpen.load(ordering: .relaxed), isWritable || !writes else {
            throw FileError(call, path, .badDescriptor)
        }
        guard offset >= 0, count >= 0 else { throw FileError(call, path, .invalid) }
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, !writes || end <= SimulatedDisk.largestFile else {
            throw FileError(call, path, .fileTooLarge)
        }
    }
}

/// A simulated mapping: memory on the heap that the file's content reads through.
final class SimulatedMapping: MappedRegion, @unchecked Sendable {
    let count: Int
    private let path: String
    private let fileSystem: SimulatedFileSystem
    private let inode: SimulatedInode
    private let memory: SimulatedMemory
    private let isMapped = Atomic(true)

    init(
        _ fileSystem: SimulatedFileSystem, _ inode: SimulatedInode, _ memory: SimulatedMemory, _ count: Int,
        _ path: String
    ) {
        self.fileSystem = fileSystem
        self.inode = inode
        self.memory = memory
        self.count = count
        self.path = path
    }

    deinit { unmap() }

    var base: UnsafeMutableRawPointer { memory.base }

    func sync(_ range: Range<Int>) throws(FileError) {
        try fileSystem.call(
            .syncRegion, path, offset: range.lowerBound, bytes: range.count,
            onFault: { _, _, evicting in
                guard range.lowerBound >= 0, range.upperBound <= count else { return }
                inode.failSync(PagedBytes.pages(range), evicting: evicting)
            }
        ) { _, _ throws(FileError) in
            guard range.lowerBound >= 0, range.upperBound <= count, isMapped.load(ordering: .relaxed) else {
                throw FileError("msync", path, .invalid)
            }
            guard !range.isEmpty else { return }
            inode.sync(PagedBytes.pages(range))
        }
    }

    /// A simulated store never faults.
    func prefault(_ range: Range<Int>) {}

    func unmap() {
        if isMapped.exchange(false, ordering: .relaxed) { fileSystem.release(inode.number) }
    }
}
