import Glibc
import Synchronization
import VarveSoak

// `soak --seed N [--worlds K | --minutes M] [--threads T]`: worlds from seed N on, until there were so many, or so long. It ends
// with 1 at the first that breaks a promise.

private func stop(_ message: String, _ code: CInt) -> Never {
    print(message)
    exit(code)
}

private var seed: UInt64 = 0
private var worlds: UInt64?
private var minutes: Double?
private var threads = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
private var words = CommandLine.arguments.dropFirst()
while let option = words.popFirst() {
    guard let value = words.popFirst() else { stop("\(option) wants a number", 2) }
    switch option {
    case "--seed": seed = UInt64(value) ?? { stop("'\(value)' is no seed", 2) }()
    case "--worlds": worlds = UInt64(value) ?? { stop("'\(value)' is no number", 2) }()
    case "--minutes": minutes = Double(value) ?? { stop("'\(value)' is no number", 2) }()
    case "--threads": threads = max(1, Int(value) ?? { stop("'\(value)' is no number", 2) }())
    default: stop("usage: soak --seed N [--worlds K | --minutes M] [--threads T]", 2)
    }
}

private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let begin = now()
let end = minutes.map { begin + $0 * 60 }
let most = worlds ?? (minutes == nil ? 1_000 : .max)
let first = seed
let next = Atomic<UInt64>(0)
let failed = Atomic(false)
let team = try Threads(count: threads) { _ in
    while !failed.load(ordering: .relaxed) {
        if let end, now() >= end { return }
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < most else { return }
        if let finding = Soak.world(first &+ number) {
            failed.store(true, ordering: .relaxed)
            print("FAILED, \(finding)")
        }
    }
}
team.join()
let done = min(next.load(ordering: .relaxed), most)
print("\(done) worlds from seed \(seed) on in \(Int(now() - begin)) s")
exit(failed.load(ordering: .relaxed) ? 1 : 0)
