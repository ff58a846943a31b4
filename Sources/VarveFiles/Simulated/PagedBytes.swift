/// Bytes in pages of 4 KiB that copies share until one of them changes. Beyond `count` the last page holds zeros.
struct PagedBytes {
    static let pageSize = 4096
    static let sectorSize = 512
    private static let zeroPage = [UInt8](repeating: 0, count: pageSize)

    private(set) var pages: [[UInt8]] = []
    private(set) var count = 0

    /// Makes it longer, with zeros; never shorter.
    mutating func extend(to newCount: Int) {
        guard newCount > count else { return }
        count = newCount
        while pages.count < Self.pages(newCount) { pages.append(Self.zeroPage) }
    }

    /// A page's content; zeros beyond the end.
    func page(_ index: Int) -> [UInt8] { index < pages.count ? pages[index] : Self.zeroPage }

    /// Sets a page that exists. What it holds beyond `count` must be zeros.
    mutating func setPage(_ index: Int, _ content: [UInt8]) { pages[index] = content }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let end = min(count, offset + buffer.count)
        guard offset < end else { return 0 }
        var position = offset
        while position < end {
            let start = position % Self.pageSize
            let length = min(Self.pageSize - start, end - position)
            pages[position / Self.pageSize].withUnsafeBytes { page in
                UnsafeMutableRawBufferPointer(rebasing: buffer[(position - offset)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: page[start..<start + length]))
            }
            position += length
        }
        return end - offset
    }

    mutating func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard !buffer.isEmpty else { return }
        extend(to: offset + buffer.count)
        var done = 0
        while done < buffer.count {
            let start = (offset + done) % Self.pageSize
            let length = min(Self.pageSize - start, buffer.count - done)
            pages[(offset + done) / Self.pageSize].withUnsafeMutableBytes { page in
                UnsafeMutableRawBufferPointer(rebasing: page[start...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[done..<done + length]))
            }
            done += length
        }
    }

    /// The number of pages that hold `count` bytes.
    static func pages(_ count: Int) -> Int { (count + pageSize - 1) / pageSize }

    /// Which pages hold these bytes.
    static func pages(_ range: Range<Int>) -> Range<Int> {
        range.isEmpty ? 0..<0 : range.lowerBound / pageSize..<pages(range.upperBound)
    }
}
