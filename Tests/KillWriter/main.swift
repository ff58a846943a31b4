// A process that logs, compacts or feeds a pipe until it is killed, or meets a limit of the system, and says in shared memory how
// far it came. See RealKillTests and RealLimitTests.

import Glibc
import Synchronization
import Varve

/// Counters on a page that the parent maps too, each on a cache line of its own.
struct Acknowledgements: @unchecked Sendable {
    let base: UnsafeMutableRawPointer

    init(path: String) {
        let descriptor = open(path, O_RDWR)
        guard descriptor >= 0, let mapped = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            mapped != MAP_FAILED
        else { exit(3) }
        base = mapped
    }

    func set(_ thread: Int, _ count: Int) {
        (base + 64 * thread).assumingMemoryBound(to: Atomic<Int>.self).pointee.store(count, ordering: .releasing)
    }
}

func value(_ thread: Int, _ step: Int) -> Double { Double(step) * 0.5 + Double(thread) }

let arguments = CommandLine.arguments
guard arguments.count == 5 else {
    print("usage: KillWriter MODE REPOSITORY ACKNOWLEDGEMENTS RUN")
    exit(2)
}
let acknowledgements = Acknowledgements(path: arguments[3])
do {
    let path = arguments[2]
    switch arguments[1] {
    case "feed": feed(acknowledgements)
    case "compact": try compactForEver(path, acknowledgements)
    case "nobody": try beNobody(path, RunID(arguments[4]))
    case let mode:
        let repository = try Repository.openOrCreate(at: path)
        var options = RunOptions()
        options.id = RunID(arguments[4])
        options.journalBytes = Int(arguments[4].utf8.last ?? 0) % 2 == 0 ? 64 << 10 : 1 << 20
        options.sync = .interval(seconds: 0.01)
        options.compaction = .never
        if mode.hasPrefix("rank") {
            options.rank = Int(mode.dropFirst(4))
            options.attempt = 0
        }
        if mode == "files" { try meetDescriptorLimit(repository, options) }
        if mode == "size" { try meetSizeLimit(repository, options, acknowledgements) }
        let run = try repository.startRun(options: options)
        if mode == "fork" { try logAcrossForks(run, acknowledgements) }
        // The next rank has to find its way through what the first has logged by then.
        try logForEver(run, slow: mode.hasPrefix("rank"), acknowledgements)
    }
} catch {
    print(error)
    exit(1)
}
