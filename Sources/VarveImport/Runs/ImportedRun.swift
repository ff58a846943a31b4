import Varve

/// Stores what a parser finds in one run, and leaves out what an earlier import took.
///
/// The run is made with the first thing to be stored, so that files without content leave nothing behind. Points keep the
/// order of their files, all in one attempt: where steps go back nothing is taken for a rewind, since a second event file
/// may be a restart or another training, and only the reader of the curves can tell. So every point of the files is
/// shown by default.
final class ImportedRun: RunSink {
    let name: String
    /// The name by which the rows of a table call the run, if they do.
    let part: String?
    private let session: ImportSession
    private var known: ImportHistory.Known?
    private var names: MetricNames
    private var handles: [MetricKey: Series] = [:]
    private var unusable: Set<MetricKey> = []
    private var seen: Set<MetricKey> = []
    private var run: Run?
    private var runID: RunID?
    private var properties: Properties
    private var success: Bool?
    private(set) var hasContent = false
    private var stored = 0
    /// When what the files hold happened, as far as they say.
    private var times: ClosedRange<Int64>?

    /// Points of a run that isn't open, because too many others are.
    private struct Waiting {
        var metric: MetricKey
        var step: Int64
        var time: Int64
        var value: Double
        var type: ValueType
    }
    private var waiting: [Waiting] = []
    var waitingCount: Int { waiting.count }

    // The file at hand
    private var subset: String?
    private var directory = ""
    private let takenByFile: [String: Int]
    private var taken = 0
    private var isReplay = false

    init(
        _ session: ImportSession, name: String, part: String?, known: ImportHistory.Known?,
        taken: [String: Int], params: Properties
    ) {
        self.session = session
        self.name = name
        self.part = part
        self.known = known
        runID = known?.info.id
        takenByFile = taken
        names = MetricNames(keepNames: session.options.keepNames)
        properties = params
        // A run that Varve exported gets a new ID, since IDs name runs for ever; the old one is kept to be found by.
        if let part, RunID(part) != nil { properties["import.id"] = .string(part) }
    }

    /// Turns to a file, of which the first bytes up to the mark are in the run already.
    func begin(_ source: ImportPlan.Source) {
        subset = source.subset
        directory = source.file.directory
        taken = takenByFile[source.file.relativePath] ?? 0
        isReplay = taken > 0
    }

    func record(from start: Int, to end: Int) { isReplay = end <= taken }

    func point(_ name: String, step: Int64, time: Int64, value: Double, type: ValueType) throws(VarveError) {
        let metric = names.metric(name, subset: subset, directory: directory)
        try store(metric, step, time, value, type)
    }

    func point(of metric: MetricKey, step: Int64, time: Int64, value: Double) throws(VarveError) {
        try store(metric, step, time, value, .double)
    }

    private func store(
        _ metric: MetricKey, _ step: Int64, _ time: Int64, _ value: Double, _ type: ValueType
    ) throws(VarveError) {
        session.report.pointsRead += 1
        if seen.insert(metric).inserted { session.report.series += 1 }
        hasContent = true
        happened(time)
        if isReplay { return }
        if run == nil, !session.hasRoom || !waiting.isEmpty {
            waiting.append(Waiting(metric: metric, step: step, time: time, value: value, type: type))
            return try session.oneMoreWaits()
        }
        try log(metric, step, time, value, type)
    }

    private func happened(_ time: Int64) {
        guard time != WallTime.none else { return }
        times = times.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    }

    /// Stores the points that wait.
    func storeWaiting() throws(VarveError) {
        for point in waiting { try log(point.metric, point.step, point.time, point.value, point.type) }
        waiting = []
    }

    private func log(
        _ metric: MetricKey, _ step: Int64, _ time: Int64, _ value: Double, _ type: ValueType
    ) throws(VarveError) {
        guard let series = try series(metric, type) else {
            session.report.skipped["points of metrics whose name can't be used", default: 0] += 1
            return
        }
        series.log(value, step: Int(step), time: time)
        session.report.pointsStored += 1
        stored += 1
    }

    private func series(_ metric: MetricKey, _ type: ValueType) throws(VarveError) -> Series? {
        if let series = handles[metric] { return series }
        if unusable.contains(metric) { return nil }
        let run = try openRun()
        do throws(VarveError) {
            let context = Dictionary(uniqueKeysWithValues: metric.context.map { ($0.key, $0.value) })
            let series = try run.series(metric.name, context: context, type: type)
            handles[metric] = series
            return series
        } catch {
            // A name beyond the format's limits costs its series; a full disk ends the import.
            guard error.code == .limit || error.code == .invalid else { throw error }
            unusable.insert(metric)
            session.report.add(error)
            return nil
        }
    }

    func text(_ text: String, name: String, step: Int64, time: Int64) throws(VarveError) {
        hasContent = true
        happened(time)
        if isReplay { return }
        guard text.utf8.count <= FormatConstants.maxTextBytes, name.utf8.count <= FormatConstants.maxNameBytes else {
            return skipped("texts of more than a mebibyte, or under names of more than a kibibyte")
        }
        let stamp = time == WallTime.none ? nil : time
        try openRun().text(text, channel: name, step: Int(step), time: stamp)
        session.report.textsStored += 1
    }

    func property(_ key: String, _ value: PropertyValue) {
        hasContent = true
        let isTooLong =
            switch value {
            case .string(let text), .json(let text): text.utf8.count > FormatConstants.maxPropertyBytes
            default: false
            }
        guard !isTooLong, key.utf8.count <= FormatConstants.maxPropertyKeyBytes else {
            return skipped("params of more than a mebibyte, or under keys of more than a kibibyte")
        }
        properties[key] = value
    }

    func ended(successfully: Bool) { success = successfully }
    func skipped(_ kind: String) { session.report.skipped[kind, default: 0] += 1 }
    func rounded() { session.report.roundedIntegers += 1 }
    func problem(_ problem: ImportProblem) { session.report.add(problem) }

    private func openRun() throws(VarveError) -> Run {
        if let run { return run }
        var options = RunOptions()
        options.useJournal = false
        options.journalBytes = 1 << 16
        options.compaction = .never
        options.sync = .none
        options.created = times?.lowerBound
        let opened: Run
        if let runID {
            opened = try session.repository.resumeRun(runID, options: options)
        } else {
            opened = try session.repository.startRun(name: name, options: options)
        }
        try opened.set([
            "import.format": .string(session.format.rawValue), "import.root": .string(session.root),
            "import.run": .string(name), "import.part": part.map { .string($0) } ?? .null, "import.complete": false,
        ])
        run = opened
        runID = opened.id
        session.opened(self)
        handles = [:]
        return opened
    }

    /// The run as it is written to.
    var openID: RunID? { run?.id }

    /// Closes the run's file for now; whatever comes later goes to another.
    func suspend() throws(VarveError) {
        guard let run else { return }
        self.run = nil
        handles = [:]
        try Self.drain(run)
        try run.end(successfully: true, at: times?.upperBound)
    }

    /// Writes the points down. `log` drops and counts rather than fail; an import must not.
    private static func drain(_ run: Run) throws(VarveError) {
        try run.drain()
        let health = run.health
        guard health.dropped == 0 else {
            throw health.problem
                ?? VarveError(.noRoom, "\(health.dropped) points could not be stored", remedy: "import again")
        }
    }

    /// Sets what is known of the run as a whole, and ends it.
    func finish(_ marks: [FileMark]) throws(VarveError) {
        guard hasContent else {
            session.report.emptyRuns += 1
            return
        }
        try storeWaiting()
        session.report.runs += 1
        if known == nil { session.report.newRuns += 1 }
        var changes = properties.filter { known?.info.properties[$0.key] != $0.value }
        var files = known?.marks ?? [:]
        for mark in marks { files[mark.path] = mark }
        if files != known?.marks { for (key, value) in FileMark.properties(files) { changes[key] = value } }
        if run == nil, runID != nil, known != nil, changes.isEmpty {
            session.report.unchangedRuns += 1
            return
        }
        if known != nil { session.report.grownRuns += 1 }
        changes["import.complete"] = true
        changes["import.points"] = .int(Int64((known?.points ?? 0) + stored))
        // The marks come last, in one frame, behind the points: a kill leaves marks only if all that they cover is there.
        let run = try openRun()
        try Self.drain(run)
        try run.set(changes)
        self.run = nil
        session.closed(self)
        let isGood = success != false
        try run.end(successfully: isGood, isGood ? "" : "the imported files say so", at: times?.upperBound)
    }
}
