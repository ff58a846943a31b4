// A process that logs until it is killed, and says in shared memory what `log` has returned from. See RealKillTests.

import Glibc
import Synchronization
import Varve

/// One counter a thread, on a page that the parent maps too.
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

func logForEver(_ run: Run, thread: Int, _ acknowledgements: Acknowledgements) throws {
    let series = try run.series("t\(thread)")
    var step = 0
    while true {
        switch thread {
        case 0, 1:
            series.log(value(thread, step), step: step)
            step += 1
        case 2:
            run.log(step: step, [(series, value(thread, step))])
            step += 1
        default:
            let values = (0..<50).map { value(thread, step + $0) }
            series.log(contentsOf: values.span, firstStep: step)
            step += 50
        }
        acknowledgements.set(thread, step)
        // Some threads are slow, so that the ring isn't always being drained.
        if thread % 2 == 1, step % 500 == 0 { usleep(300) }
    }
}

func start(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { box in
            if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
}

let arguments = CommandLine.arguments
guard arguments.count == 5 else {
    print("usage: KillWriter threads|fork REPOSITORY ACKNOWLEDGEMENTS RUN")
    exit(2)
}
let acknowledgements = Acknowledgements(path: arguments[3])
do {
    let repository = try Repository.openOrCreate(at: arguments[2])
    var options = RunOptions()
    options.id = RunID(arguments[4])
    options.journalBytes = Int(arguments[4].utf8.last ?? 0) % 2 == 0 ? 64 << 10 : 1 << 20
    options.sync = .interval(seconds: 0.01)
    options.compaction = .never
    let run = try repository.startRun(options: options)
    if arguments[1] == "fork" { try logAcrossForks(run, acknowledgements) }
    for thread in 1..<4 { start { try? logForEver(run, thread: thread, acknowledgements) } }
    try logForEver(run, thread: 0, acknowledgements)
} catch {
    print(error)
    exit(1)
}
