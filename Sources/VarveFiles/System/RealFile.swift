import Glibc
import Synchronization

/// One descriptor. Closes itself when nobody holds it any more.
final class RealFile: OpenFile {
    let path: String
    /// −1 once closed, so that a late call fails (EBADF) rather than reach a file that got the same number since.
    private let descriptor: Atomic<Int32>

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = Atomic(descriptor)
        self.path = path
    }

    deinit { close() }

    private var number: Int32 { descriptor.load(ordering: .relaxed) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let position = try sum(offset, done, "pread")
            let count = try checked("pread", path) { pread(number, base + done, buffer.count - done, position) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try demandRoom("pwrite", upTo: try sum(offset, buffer.count, "pwrite"))
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let position = try sum(offset, done, "pwrite")
            let count = try checked("pwrite", path) { pwrite(number, base + done, buffer.count - done, position) }
            // POSIX knows no such answer to a request for more than nothing; to repeat it might go on for ever.
            if count == 0 { throw FileError("pwrite", path, .io) }
            done += count
        }
    }

    /// Throws where the process may make no file so long (ulimit -f): the system would end it with SIGXFSZ, which a library
    /// has no business to catch or ignore.
    private func demandRoom(_ call: String, upTo end: Int) throws(FileError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, end > 0 else { return }
        if UInt64(end) > UInt64(limit.rlim_cur) { throw FileError(call, path, .fileTooLarge) }
    }

    private func sum(_ offset: Int, _ done: Int, _ call: String) throws(FileError) -> Int {
        let (sum, overflow) = offset.addingReportingOverflow(done)
        if overflow { throw FileError(call, path, .fileTooLarge) }
        return sum
    }

    func size() throws(FileError) -> Int { try status().size }

    /// SEEK_DATA, which the headers show to GNU sources only.
    private static let seekData: Int32 = 3

    func firstData(from offset: Int) -> Int? {
        // Moves the descriptor's position, which nothing here goes by.
        let found = lseek(number, offset, Self.seekData)
        if found >= 0 { return found }
        return errno == ENXIO ? nil : offset
    }

    func status() throws(FileError) -> FileStatus {
        var status = Glibc.stat()
        _ = try checked("fstat", path) { fstat(number, &status) }
        return FileStatus(status)
    }

    func sync() throws(FileError) {
        _ = try checked("fdatasync", path) { fdatasync(number) }
    }

    func allocate(_ size: Int) throws(FileError) {
        guard size > 0 else { return }
        try demandRoom("posix_fallocate", upTo: size)
        while true {
            // Gives the error as its result and leaves errno alone.
            let code = posix_fallocate(number, 0, size)
            switch code {
            case 0: return
            case EINTR: continue
            case EOPNOTSUPP, ENOSYS, EINVAL: return try fill(to: size)
            default: throw FileError("posix_fallocate", path, .init(rawValue: code))
            }
        }
    }

    /// Where blocks can't be reserved, zeros are written. What the file has already is taken for allocated.
    private func fill(to size: Int) throws(FileError) {
        let zeros = [UInt8](repeating: 0, count: 65_536)
        var end = try self.size()
        while end < size {
            let count = min(zeros.count, size - end)
            try write(count == zeros.count ? zeros : Array(zeros[..<count]), at: end)
            end += count
        }
    }

    func map(_ size: Int) throws(FileError) -> any MappedRegion {
        // A store beyond the file's end is SIGBUS, not an error that could be caught.
        guard size > 0, try self.size() >= size else { throw FileError("mmap", path, .invalid) }
        let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let base, base != MAP_FAILED else { throw FileError("mmap", path, .init(rawValue: errno)) }
        return RealMapping(base, size, path)
    }

    func close() {
        let number = descriptor.exchange(-1, ordering: .relaxed)
        // Not repeated when interrupted: Linux has freed the number by then, and another thread may have it.
        if number >= 0 { _ = Glibc.close(number) }
    }
}
