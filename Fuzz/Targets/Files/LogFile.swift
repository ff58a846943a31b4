import Varve
import VarveFiles
import VarveFormat

/// Whole log files through the scanner: what it finds is within the file and in order; frames are read where they were
/// found; and a scan that stops anywhere and goes on finds what one scan does.
///
/// The first byte: bit 0: checksums are made to fit; the rest of it: after how many eighths of the file the first scan stops.
struct LogFile: FuzzTarget {
    private let zstd = Zstd()
    private static let name = LogName.pack(UniqueID(high: 1, low: 2))

    static var words: [String] { ["VFrm", "\0\0\0\0\0\0\0\0"] }

    static func seeds() throws -> [[UInt8]] {
        let bytes = try FuzzRepository().logBytes
        let begin = Array(bytes[..<(2 * 264)])
        return [[1] + bytes, [0] + bytes, [9] + begin, [1] + begin + bytes, [5] + Array(bytes.dropLast(9))]
    }

    func feed(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { Mending.log(&bytes) }
        let whole: [LogSection]
        do { whole = try scan(bytes) } catch { return }
        for section in whole {
            var next: UInt64 = 0
            for frame in section.frames {
                try demand(
                    section.baseOffset + frame.offset + frame.header.frameBytes <= bytes.count + 7,
                    "a frame beyond the file: \(frame)")
                guard frame.kind == .points else { continue }
                try demand(frame.sequences.lowerBound >= next, "sequences come twice: \(frame.sequences)")
                next = frame.sequences.upperBound
            }
        }
        try resume(bytes, Int(first >> 1 & 7), whole)
    }

    private func scan(_ bytes: [UInt8]) throws -> [LogSection] {
        try LogScanner.scan(MemoryFile(bytes), name: Self.name, zstd: zstd)
    }

    /// As tailing readers do, of files with one section.
    private func resume(_ bytes: [UInt8], _ eighths: Int, _ whole: [LogSection]) throws {
        let cut = bytes.count * eighths / 8
        guard let start = try? scan(Array(bytes[..<cut])), start.count == 1, whole.count == 1,
            // A `begin` that the first scan saw only the second copy of may be whole later; damage may end elsewhere.
            start[0].problems.isEmpty, whole[0].problems.isEmpty
        else { return }
        let rest = try LogScanner.resume(start[0], MemoryFile(bytes), zstd: zstd)
        try demand(start[0].frames + rest.frames == whole[0].frames, "frames differ after a scan of \(cut) bytes")
        try demand(rest.endSequence == whole[0].endSequence, "another end after a scan of \(cut) bytes")
        try demand(rest.definitions == whole[0].definitions, "other definitions after a scan of \(cut) bytes")
    }
}
