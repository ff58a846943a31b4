import VarveFiles

/// A mapped file of 32-byte records and nothing else: the floor under `log`. No claim, no check word, no room to look for.
final class MappedStore: Sendable {
    /// Where the next record goes, in a register of whoever stores.
    struct Cursor {
        private let base: UnsafeMutableRawPointer
        private let mask: Int
        private var next = 0

        fileprivate init(base: UnsafeMutableRawPointer, mask: Int) {
            self.base = base
            self.mask = mask
        }

        @inline(__always)
        mutating func store(step: Int, time: Int64, value: Double, series: UInt32) {
            let slot = base + (next & mask) &<< 5
            next &+= 1
            slot.storeBytes(of: step, as: Int.self)
            slot.storeBytes(of: time, toByteOffset: 8, as: Int64.self)
            slot.storeBytes(of: value, toByteOffset: 16, as: Double.self)
            slot.storeBytes(of: UInt64(series), toByteOffset: 24, as: UInt64.self)
        }
    }

    private let file: any OpenFile
    private let region: any MappedRegion
    private let slots: Int

    /// - Parameter slots: a power of two; 32,768 are as many as the engine's ring has.
    init(_ path: String, slots: Int = 32_768) throws {
        self.slots = slots
        file = try RealFileSystem().open(path, .createNew)
        try file.allocate(slots * 32)
        region = try file.map(slots * 32)
        // The engine's ring has its pages when logging begins; so has this one.
        region.base.initializeMemory(as: UInt8.self, repeating: 0, count: slots * 32)
    }

    deinit {
        region.unmap()
        file.close()
    }

    /// A cursor at the first slot; not to outlive the store.
    var cursor: Cursor { Cursor(base: region.base, mask: slots - 1) }
}
