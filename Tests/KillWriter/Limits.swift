import Glibc
import Varve

/// Ends with what failed unless it holds.
func demand(_ condition: Bool, _ message: @autoclosure () -> String) {
    if condition { return }
    print("not so: \(message())")
    exit(1)
}

/// The error that `body` throws; ends if it throws none.
func refusal(_ what: String, _ body: () throws(VarveError) -> Void) -> VarveError {
    do throws(VarveError) { try body() } catch { return error }
    print("not refused: \(what)")
    exit(1)
}

private func set(_ limit: __rlimit_resource, _ number: UInt) {
    var limits = rlimit()
    demand(getrlimit(__rlimit_resource_t(limit.rawValue), &limits) == 0, "getrlimit: \(errno)")
    limits.rlim_cur = number
    demand(setrlimit(__rlimit_resource_t(limit.rawValue), &limits) == 0, "setrlimit: \(errno)")
}

/// A process that may open no more files: the run that is open goes on and closes, and everything that needs one says why not.
func meetDescriptorLimit(_ repository: Repository, _ options: RunOptions) throws -> Never {
    let run = try repository.startRun(options: options)
    let series = try run.series("t0")
    func log(_ steps: Range<Int>) { for step in steps { series.log(value(0, step), step: step) } }
    log(0..<10_000)
    try run.flush()
    set(RLIMIT_NOFILE, 3)
    var other = options
    other.id = nil
    let errors = [
        refusal("a run") { () throws(VarveError) in _ = try repository.startRun(options: other) },
        refusal("opening") { () throws(VarveError) in _ = try Repository.open(repository.path) },
        refusal("a snapshot") { () throws(VarveError) in _ = try repository.snapshot() },
        refusal("a compaction") { () throws(VarveError) in _ = try repository.compact() },
        refusal("a verification") { () throws(VarveError) in _ = try repository.verify() },
        refusal("an artifact") { () throws(VarveError) in try run.addArtifact("/proc/self/stat") },
    ]
    for error in errors {
        demand(error.code == .system && error.message.contains("too many open files"), "\(error)")
    }
    log(10_000..<60_000)
    try run.flush()
    try run.set("values.late", 1)
    try run.text("still there")
    log(60_000..<100_000)
    demand(run.health.dropped == 0, "\(run.health)")
    set(RLIMIT_NOFILE, 256)
    try run.finish()
    exit(0)
}

/// A process whose files may not grow beyond a megabyte: the run goes on in its next file, each time; SIGXFSZ isn't met.
func meetSizeLimit(
    _ repository: Repository, _ options: RunOptions, _ acknowledgements: Acknowledgements
) throws -> Never {
    signal(SIGXFSZ, SIG_DFL)
    set(RLIMIT_FSIZE, 1 << 20)
    var options = options
    options.journalBytes = 64 << 10
    let run = try repository.startRun(options: options)
    let series = try run.series("t0")
    var state: UInt64 = 1
    for step in 0..<300_000 {
        // Of random bits no codec makes less.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        series.log(Double(bitPattern: state >> 2), step: step)
        acknowledgements.set(0, step + 1)
        if step % 50_000 == 0 { try run.text("at \(step)") }
    }
    demand(run.health.dropped == 0, "\(run.health)")
    demand(run.health.file > 2, "\(run.health)")
    try run.finish()
    // No journal of that size fits.
    options.id = nil
    options.journalBytes = 4 << 20
    let error = refusal("a journal") { () throws(VarveError) in _ = try repository.startRun(options: options) }
    demand(error.message.contains("larger than allowed"), "\(error)")
    exit(0)
}

/// A process of a user who may read and not write, in a directory that only another may open.
func beNobody(_ path: String, _ id: RunID?) throws -> Never {
    if getuid() == 0 {
        demand(setgroups(0, nil) == 0 && setgid(65_534) == 0 && setuid(65_534) == 0, "setuid: \(errno)")
    }
    func isDenied(_ error: VarveError) {
        demand(error.code == .system && error.message.contains("access is denied"), "\(error)")
        demand(error.file != nil && error.remedy != nil, "\(error)")
    }
    let closed = path + "/closed"
    isDenied(refusal("opening") { () throws(VarveError) in _ = try Repository.open(closed) })
    isDenied(refusal("making") { () throws(VarveError) in _ = try Repository.openOrCreate(at: path + "/new") })
    let repository = try Repository.open(path + "/open")
    let snapshot = try repository.snapshot()
    demand(snapshot.problems.isEmpty && snapshot.runs.count == 1, "\(snapshot.problems)")
    var points = 0
    try snapshot.series(Query()).forEach { points += $0.count }
    demand(points == 1_000, "\(points) points")
    demand(try repository.verify(deep: true).problems.isEmpty, "verify")
    var options = RunOptions()
    options.compaction = .never
    isDenied(refusal("a run") { () throws(VarveError) in _ = try repository.startRun(options: options) })
    if let id {
        isDenied(refusal("a resume") { () throws(VarveError) in _ = try repository.resumeRun(id, options: options) })
        isDenied(refusal("a property") { () throws(VarveError) in try repository.set(["note": "x"], of: [id]) })
        isDenied(refusal("a removal") { () throws(VarveError) in _ = try repository.remove([id]) })
    }
    // One file that may not be read is named, and the rest is read.
    let partly = try Repository.open(path + "/partly").snapshot()
    demand(partly.runs.count == 1, "\(partly.runs)")
    demand(partly.problems.count == 1, "\(partly.problems)")
    isDenied(partly.problems[0])
    exit(0)
}
