import Glibc
import VarveFiles

/// Reads what Linux says of the machine: processors, memory, load, disks, network; and of the container that this process is in.
///
/// A file that isn't there, or says something else than expected, costs its figures and no others.
struct HostProbe {
    private let files: any FileSystem
    private let root: String
    private let directory: String
    private var rates = Rates()
    private var processors: (busy: Double, all: Double)?

    /// - Parameters:
    ///   - root: what `/proc` and `/sys` lie in; tests have another.
    ///   - directory: on whose volume the room is told.
    init(_ files: any FileSystem, root: String = "", directory: String) {
        self.files = files
        self.root = root
        self.directory = directory
    }

    private func read(_ path: String) -> [UInt8]? { try? files.readAll(root + path, cap: 4 << 20) }

    mutating func figures(at time: Int64) -> [SystemFigure] {
        var found: [SystemFigure] = []
        func add(_ name: String, _ value: Double?, of: String = "host") {
            if let value, value.isFinite { found.append(SystemFigure(of: of, name, value)) }
        }
        add("cpu_percent", cpu())
        if let memory = read("/proc/meminfo").map(ProcFields.table), let total = memory["MemTotal"], total > 0 {
            if let available = memory["MemAvailable"] {
                add("memory_used_bytes", (total - available) * 1024)
                add("memory_percent", 100 * (total - available) / total)
            }
            if let swap = memory["SwapTotal"], let free = memory["SwapFree"] {
                add("swap_used_bytes", (swap - free) * 1024)
            }
        }
        if let words = read("/proc/loadavg").map(ProcFields.lines)?.first,
            let load = words.first.flatMap({ Double($0) })
        {
            add("load_1min", load)
        }
        disks(at: time) { add($0, $1) }
        network(at: time) { add($0, $1) }
        container(at: time) { add($0, $1, of: "container") }
        if root.isEmpty {
            var volume = statvfs()
            if statvfs(directory, &volume) == 0, volume.f_blocks > 0 {
                let unit = Double(volume.f_frsize)
                add("disk_free_bytes", Double(volume.f_bavail) * unit)
                add("disk_percent", 100 * (1 - Double(volume.f_bfree) / Double(volume.f_blocks)))
            }
        }
        return found
    }

    /// Of all processors together, since the last reading.
    private mutating func cpu() -> Double? {
        guard let numbers = read("/proc/stat").flatMap({ ProcFields.numbers("cpu", in: $0) }), numbers.count >= 5 else {
            return nil
        }
        // user nice system idle iowait irq softirq steal; what guests take is part of user.
        let all = numbers.prefix(8).reduce(0, +)
        let idle = numbers[3] + numbers[4]
        defer { processors = (all - idle, all) }
        guard let before = processors, all > before.all, all - idle >= before.busy else { return nil }
        return min(100, 100 * (all - idle - before.busy) / (all - before.all))
    }

    /// Whole disks; partitions and what is made of other disks would count twice.
    private mutating func disks(at time: Int64, _ add: (String, Double?) -> Void) {
        guard let bytes = read("/proc/diskstats") else { return }
        let whole = Set((try? files.list(root + "/sys/block")) ?? [])
        var (read, written, isKnown) = (0.0, 0.0, false)
        for words in ProcFields.lines(bytes) where words.count > 9 {
            let name = String(words[2])
            guard whole.contains(name), !["loop", "ram", "zram", "dm-", "md"].contains(where: name.hasPrefix),
                let reads = Double(words[5]), let writes = Double(words[9])
            else { continue }
            // Sectors of 512 bytes, whatever the disk's are.
            read += reads * 512
            written += writes * 512
            isKnown = true
        }
        guard isKnown else { return }
        add("disk_read_bytes_per_second", rates.perSecond("disk read", read, at: time))
        add("disk_written_bytes_per_second", rates.perSecond("disk written", written, at: time))
    }

    private mutating func network(at time: Int64, _ add: (String, Double?) -> Void) {
        guard let bytes = read("/proc/net/dev") else { return }
        var (received, sent) = (0.0, 0.0)
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            // The number may follow the colon at once.
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].drop { $0 == " " }
            let words = line[line.index(after: colon)...].split { $0 == " " }
            guard name != "lo", words.count > 8, let inward = Double(words[0]), let outward = Double(words[8]) else {
                continue
            }
            received += inward
            sent += outward
        }
        add("network_received_bytes_per_second", rates.perSecond("received", received, at: time))
        add("network_sent_bytes_per_second", rates.perSecond("sent", sent, at: time))
    }

    /// The control group (version 2) that this process is in, if it has limits of its own.
    private mutating func container(at time: Int64, _ add: (String, Double?) -> Void) {
        guard let groups = read("/proc/self/cgroup") else { return }
        let lines = String(decoding: groups, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("0::/") }), !line.contains("/../") else { return }
        let name = String(line.dropFirst(3))
        // In a container the group's own folder is often the root of what is mounted.
        let folders = ["/sys/fs/cgroup" + (name == "/" ? "" : name), "/sys/fs/cgroup"]
        guard let folder = folders.first(where: { read("\($0)/memory.current") != nil }) else { return }
        if let used = read("\(folder)/memory.current").flatMap(ProcFields.number) {
            add("memory_used_bytes", used)
            if let most = read("\(folder)/memory.max").flatMap(ProcFields.number), most > 0 {
                add("memory_percent", 100 * used / most)
            }
        }
        if let used = read("\(folder)/cpu.stat").map(ProcFields.table)?["usage_usec"] {
            // A hundred is one processor.
            add("cpu_percent", rates.perSecond("container", used / 1e6, at: time).map { $0 * 100 })
        }
    }
}
