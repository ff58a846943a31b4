import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import VarveSystem

/// What the probes make of files of /proc and /sys: written here, wrong ones among them, so that each figure can be told.
@Suite struct ProbeTests {
    private static let second: Int64 = 1_000_000_000

    private func world(_ content: [String: String]) throws -> SimulatedFileSystem {
        let files = SimulatedFileSystem(seed: 1)
        for (path, text) in content { try put(files, path, text) }
        return files
    }

    private func put(_ files: SimulatedFileSystem, _ path: String, _ text: String) throws {
        if files.replace(path, with: Array(text.utf8)) { return }
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            try files.makeDirectory(folder)
        }
        let file = try files.open(path, .createNew)
        defer { file.close() }
        try file.write(Array(text.utf8), at: 0)
    }

    private func named(_ figures: [SystemFigure]) -> [String: Double] {
        Dictionary(figures.map { ("\($0.of) \($0.name)", $0.value) }) { first, _ in first }
    }

    private static let machine = [
        "/m/proc/stat": "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3\nintr 5\n",
        "/m/proc/meminfo":
            "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  250 kB\nSwapTotal: 10 kB\nSwapFree: 4 kB\n",
        "/m/proc/loadavg": "0.75 0.50 0.25 1/99 1234\n",
        "/m/proc/diskstats": """
          8  0 sda 10 0 100 5 20 0 40 5 0 5 5
          8  1 sda1 10 0 100 5 20 0 40 5 0 5 5
          7  0 loop0 10 0 100 5 20 0 40 5 0 5 5

        """,
        "/m/sys/block/sda/size": "1", "/m/sys/block/loop0/size": "1",
        "/m/proc/net/dev": """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
            lo: 999 1 0 0 0 0 0 0 999 1 0
          eth0:1000 1 0 0 0 0 0 0 500 1 0

        """,
        "/m/proc/self/cgroup": "0::/job\n", "/m/sys/fs/cgroup/job/memory.current": "512\n",
        "/m/sys/fs/cgroup/job/memory.max": "1024\n",
        "/m/sys/fs/cgroup/job/cpu.stat": "usage_usec 1000000\nuser_usec 5\n",
    ]

    @Test func hostIsReadTwice() throws {
        let files = try world(Self.machine)
        var probe = HostProbe(files, root: "/m", directory: "/")
        let first = named(probe.figures(at: 0))
        #expect(first["host memory_used_bytes"] == 750 * 1024 && first["host memory_percent"] == 75)
        #expect(first["host swap_used_bytes"] == 6 * 1024 && first["host load_1min"] == 0.75)
        #expect(first["container memory_used_bytes"] == 512 && first["container memory_percent"] == 50)
        #expect(
            first["host cpu_percent"] == nil && first["container cpu_percent"] == nil, "of one reading there is no rate"
        )
        #expect(first["host disk_read_bytes_per_second"] == nil)

        try put(files, "/m/proc/stat", "cpu  200 0 200 750 150 0 0 0 90 0\n")
        try put(files, "/m/proc/diskstats", "8 0 sda 10 0 300 5 20 0 80 5 0 5 5\n")
        try put(files, "/m/proc/net/dev", "eth0: 3000 1 0 0 0 0 0 0 900 1 0\n")
        try put(files, "/m/sys/fs/cgroup/job/cpu.stat", "usage_usec 4000000\n")
        let second = named(probe.figures(at: 2 * Self.second))
        #expect(second["host cpu_percent"] == 100 * 200.0 / 300)
        #expect(second["host disk_read_bytes_per_second"] == 51_200.0)
        #expect(second["host disk_written_bytes_per_second"] == 10_240.0)
        #expect(second["host network_received_bytes_per_second"] == 1000)
        #expect(second["host network_sent_bytes_per_second"] == 200)
        #expect(second["container cpu_percent"] == 150)
    }

    /// Whatever stands in one file, or that it isn't there, the others are read, and nothing is no number.
    @Test func oddFilesCostTheirOwnFigures() throws {
        let whole = try world(Self.machine)
        var probe = HostProbe(whole, root: "/m", directory: "/")
        let all = Set(named(probe.figures(at: 0)).keys)
        for path in Self.machine.keys.sorted() {
            for text in [
                "", "\n\n", "max\n", "cpu nan inf\n", "cpu", ":::", "\u{FFFD}\0", "0::/../../etc\n", "MemTotal: 0 kB\n",
            ] {
                let files = try world(Self.machine)
                try put(files, path, text)
                var probe = HostProbe(files, root: "/m", directory: "/")
                for time in 0..<2 {
                    let figures = probe.figures(at: Int64(time) * Self.second)
                    #expect(figures.allSatisfy { $0.value.isFinite }, "\(path): \(text)")
                    #expect(figures.count >= 3, "\(path): \(text)")
                }
            }
            let files = try world(Self.machine.filter { $0.key != path })
            var probe = HostProbe(files, root: "/m", directory: "/")
            #expect(Set(named(probe.figures(at: 0)).keys).isSubset(of: all))
        }
        // A counter that fell says nothing.
        var rates = Rates()
        #expect(rates.perSecond("x", 5, at: 0) == nil && rates.perSecond("x", 4, at: 1) == nil)
        #expect(rates.perSecond("x", 6, at: 1) == nil && rates.perSecond("x", 7, at: 1 + Self.second) == 1)
    }

    private func line(_ id: Int, parent: Int, ticks: Int, pages: Int, started: Int = 5) -> String {
        let fields = ["S", "\(parent)"] + Array(repeating: "0", count: 9) + ["\(ticks)", "0"]
        return "\(id) (a) b (c) "
            + (fields + Array(repeating: "0", count: 6) + ["\(started)", "0", "\(pages)"]).joined(separator: " ")
    }

    @Test func processHasAFamily() throws {
        let files = try world([
            "/m/proc/10/stat": line(10, parent: 1, ticks: 100, pages: 7),
            "/m/proc/11/stat": line(11, parent: 10, ticks: 50, pages: 2),
            "/m/proc/12/stat": line(12, parent: 11, ticks: 0, pages: 1),
            "/m/proc/13/stat": line(13, parent: 1, ticks: 500, pages: 1000), "/m/proc/14/stat": "no such line",
            "/m/proc/15/stat": line(15, parent: 15, ticks: 1, pages: 1),
        ])
        var probe = ProcessProbe(files, root: "/m", process: 10)
        let first = named(probe.figures(at: 0))
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        #expect(first["process memory_resident_bytes"] == 10 * page && first["process processes"] == 3)
        #expect(first["process cpu_percent"] == nil)
        // One goes, one comes under a number that was another's.
        try files.unlink("/m/proc/12/stat")
        try put(files, "/m/proc/10/stat", line(10, parent: 1, ticks: 150, pages: 7))
        try put(files, "/m/proc/11/stat", line(11, parent: 10, ticks: 20, pages: 2, started: 900))
        let second = named(probe.figures(at: Self.second))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect(second["process cpu_percent"].map { ($0 - 7_000 / ticks).magnitude < 1e-9 } == true)
        #expect(second["process processes"] == 2)
        try files.unlink("/m/proc/10/stat")
        #expect(probe.figures(at: 2 * Self.second).isEmpty, "it is gone")
    }
}
