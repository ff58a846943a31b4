import Glibc
import VarveFiles

/// Memory of this process, from `/proc/self/status`, in bytes.
package enum ProcessMemory {
    /// The most that was resident at once since the start.
    package static var peak: Int { field("VmHWM:") }
    /// What is resident now.
    package static var resident: Int { field("VmRSS:") }

    private static func field(_ name: String) -> Int {
        guard let bytes = try? RealFileSystem().readAll("/proc/self/status", cap: 1 << 16) else { return 0 }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 ? (Int(words[1]) ?? 0) << 10 : 0
        }
        return 0
    }
}
