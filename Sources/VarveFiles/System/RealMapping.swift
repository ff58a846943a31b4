import Glibc
import Synchronization

/// A shared mapping of the first bytes of a file. It survives the closing of the descriptor.
final class RealMapping: MappedRegion {
    private let address: UInt
    let count: Int
    private let path: String
    private let isMapped = Atomic(true)

    init(_ base: UnsafeMutableRawPointer, _ count: Int, _ path: String) {
        address = UInt(bitPattern: base)
        self.count = count
        self.path = path
    }

    deinit { unmap() }

    // `mmap` never gives address 0 to a mapping whose place it may choose.
    var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped }

    func sync(_ range: Range<Int>) throws(FileError) {
        guard range.lowerBound >= 0, range.upperBound <= count else { throw FileError("msync", path, .invalid) }
        guard !range.isEmpty else { return }
        // msync wants a whole page's beginning; MS_SYNC waits for the data and for what is needed to find them.
        let start = range.lowerBound & ~(Self.pageSize - 1)
        _ = try checked("msync", path) { msync(base + start, range.upperBound - start, MS_SYNC) }
    }

    func prefault(_ range: Range<Int>) {
        let start = max(0, range.lowerBound) & ~(Self.pageSize - 1)
        let end = min(range.upperBound, count)
        // Since Linux 5.14; an older one says that it doesn't know this, and the store faults as it did.
        if start < end { madvise(base + start, end - start, Self.populateWrite) }
    }

    /// MADV_POPULATE_WRITE, which older headers lack.
    private static let populateWrite: Int32 = 23

    func unmap() {
        if isMapped.exchange(false, ordering: .relaxed) { munmap(base, count) }
    }

    private static let pageSize = sysconf(Int32(_SC_PAGESIZE))
}
