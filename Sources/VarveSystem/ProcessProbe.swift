import Glibc
import VarveFiles

/// Reads what Linux says of a process and of all that it has started.
struct ProcessProbe {
    private let files: any FileSystem
    private let root: String
    private let process: Int
    private var rates = Rates()
    /// Clock ticks of each process at the last reading, and of those that have ended the last that was seen.
    private var ticks: [Int: (started: Double, ticks: Double)] = [:]
    private var total = 0.0

    private static let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private static let pageBytes = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
    /// On a machine with more, only the process itself is looked at: what it started is not worth that.
    private static let mostProcesses = 20_000

    init(_ files: any FileSystem, root: String = "", process: Int) {
        self.files = files
        self.root = root
        self.process = process
    }

    private func line(_ id: Int) -> ProcessLine? {
        (try? files.readAll("\(root)/proc/\(id)/stat", cap: 4096)).flatMap { ProcessLine($0) }
    }

    /// - Returns: nothing if the process is gone.
    mutating func figures(at time: Int64) -> [SystemFigure] {
        guard let own = line(process) else { return [] }
        var family = [process: own]
        let ids = ((try? files.list("\(root)/proc")) ?? []).compactMap { Int($0) }
        if ids.count <= Self.mostProcesses {
            var children: [Int: [(id: Int, line: ProcessLine)]] = [:]
            for id in ids where id != process {
                if let line = line(id) { children[line.parent, default: []].append((id, line)) }
            }
            var rest = [process]
            while let next = rest.popLast() {
                for child in children[next] ?? [] where family[child.id] == nil {
                    family[child.id] = child.line
                    rest.append(child.id)
                }
            }
        }
        var resident = 0.0
        for (id, line) in family {
            resident += line.residentPages * Self.pageBytes
            let before = ticks[id].map { $0.started == line.started ? $0.ticks : 0 } ?? 0
            total += max(0, line.ticks - before)
        }
        ticks = family.mapValues { ($0.started, $0.ticks) }
        var found = [
            SystemFigure(of: "process", "memory_resident_bytes", resident),
            SystemFigure(of: "process", "processes", Double(family.count)),
        ]
        // A hundred is one processor.
        if let cpu = rates.perSecond("cpu", total / Self.ticksPerSecond, at: time) {
            found.append(SystemFigure(of: "process", "cpu_percent", cpu * 100))
        }
        return found
    }
}
