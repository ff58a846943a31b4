import VarveFiles
import VarveFormat

/// A buffered view of a file that is read from front to back, with `pread` only: the file may grow or be cut meanwhile.
struct FileWindow {
    private let file: any OpenFile
    /// The file's size when the window was made, or where the part of it ends that is looked at; what comes later is for the
    /// next reader.
    let size: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private static let block = 256 << 10

    /// - Parameter end: what stands from there on isn't looked at.
    init(_ file: any OpenFile, end: Int = .max) throws(VarveError) {
        self.file = file
        do throws(FileError) { size = min(end, try file.size()) } catch { throw VarveError(error) }
    }

    /// The first byte from `offset` on that may be anything but a zero; nil: there is none.
    func firstData(from offset: Int) -> Int? {
        guard let found = file.firstData(from: offset), found < size else { return nil }
        return found
    }

    /// Lets `body` see the bytes from `offset` on: `count` of them, fewer only at the file's end.
    mutating func bytes<R, E: Error>(
        at offset: Int, count: Int, _ body: (RawSpan) throws(E) -> R
    ) throws(VarveError) -> Result<R, E> {
        let wanted = max(0, min(count, size - offset))
        if offset < start || offset + wanted > start + buffer.count {
            let length = min(max(wanted, Self.block), size - offset)
            var failure: FileError?
            let fresh = [UInt8](unsafeUninitializedCapacity: max(0, length)) { target, filled in
                do throws(FileError) {
                    filled = try file.read(into: UnsafeMutableRawBufferPointer(target), at: offset)
                } catch {
                    failure = error
                    filled = 0
                }
            }
            if let failure { throw VarveError(failure) }
            buffer = fresh
            start = offset
        }
        let available = min(wanted, start + buffer.count - offset)
        let span = buffer.span.bytes.extracting((offset - start)..<(offset - start + available))
        do throws(E) { return .success(try body(span)) } catch { return .failure(error) }
    }
}
