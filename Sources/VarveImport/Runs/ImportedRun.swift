import Varve
import VarveFiles

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
    /// The import at hand; a follower has one after the other.
    var session: ImportSession
    let known: ImportHistory.Known?
    /// What is noted of the run.
    var noted: (properties: Properties, marks: [String: FileMark], points: Int)?
    private var names: MetricNames
    private(set) var series: [MetricKey: SeriesIntake] = [:]
    /// The same by their names in the file at hand, for each subset that its rows speak of.
    private var byName: [String?: [ExactText: SeriesIntake]] = [:]
    private var rowSubset: String?
    var run: Run?
    private(set) var runID: RunID?
    /// How often the run was opened or closed: a handle belongs to the time in between.
    private var openings = 0
    var properties: Properties
    private(set) var end: ForeignEnd?
    var hasContent = false
    /// Points that were stored since something was noted of the run.
    var storedPoints = 0
    private(set) var storedTexts = 0
    /// When what the sources hold happened, as far as they say.
    private(set) var times: ClosedRange<Int64>?
    private(set) var lifetime: (start: Int64?, end: Int64?)
    /// What isn't kept, by kind.
    private(set) var leftOut: [String: Int] = [:]
    private(set) var problemCount = 0

    /// Its points that wait until it can be opened, and their series.
    private var waiting = WaitingPoints()
    private var numbered: [SeriesIntake] = []

    /// What an earlier import took: of streams up to which byte of each file, of a store what the run holds.
    enum Taken {
        case bytes([String: Int])
        case points(StoredSeries)
    }
    let taken: Taken
    /// What the run is made of is no stream of bytes.
    var isOfStore: Bool { if case .points = taken { true } else { false } }
    private var textsRead: [String: Int] = [:]
    /// Files of the run as a whole that it has already; nil: nobody asked yet.
    var artifactsThere: [String: ArtifactMark]?

    // The file at hand
    private var subset: String?
    private var directory = ""
    private var takenBytes = 0
    private(set) var isReplay = false

    init(
        _ session: ImportSession, name: String, part: String?, known: ImportHistory.Known?, taken: Taken,
        params: Properties, identity: String? = nil
    ) {
        self.session = session
        self.name = name
        self.part = part
        self.known = known
        self.taken = taken
        runID = known?.info.id
        noted = known.map { ($0.info.properties, $0.marks, $0.points) }
        names = MetricNames(keepNames: session.options.keepNames, known: known?.names ?? [:])
        properties = params
        // A run that Varve exported gets a new ID, since IDs name runs for ever; the old one is kept to be found by.
        if let part, RunID(part) != nil { properties["import.id"] = .string(part) }
        if let identity { properties["import.id"] = .string(identity) }
    }

    /// Turns to a source, of which the first bytes up to the mark are in the run already.
    func begin(_ source: ImportSource) {
        subset = source.subset
        directory = source.file.directory
        (byName, rowSubset) = ([:], nil)
        guard case .bytes(let marks) = taken else { return }
        takenBytes = marks[source.file.relativePath] ?? 0
        isReplay = takenBytes > 0
    }

    /// Turns to a source that grew: what comes is new.
    func goOn(_ source: ImportSource) {
        subset = source.subset
        directory = source.file.directory
        (byName, rowSubset) = ([:], nil)
        takenBytes = 0
        isReplay = false
    }

    func record(from start: Int, to end: Int) { isReplay = end <= takenBytes }
    func row(of subset: String?) { rowSubset = subset }

    // MARK: Points

    func point(_ name: String, step: Int64, time: Int64, value: Double, type: ValueType) throws(VarveError) {
        let intake: SeriesIntake
        if let known = byName[rowSubset]?[ExactText(name)] {
            intake = known
        } else {
            intake = self.intake(names.metric(name, subset: rowSubset ?? subset, directory: directory))
            byName[rowSubset, default: [:]][ExactText(name)] = intake
        }
        try store(intake, step, time, value, type)
    }

    func point(of metric: MetricKey, step: Int64, time: Int64, value: Double) throws(VarveError) {
        try store(intake(metric), step, time, value, .double)
    }

    private func intake(_ metric: MetricKey) -> SeriesIntake {
        if let known = series[metric] { return known }
        session.report.series += 1
        let isAudited = session.audit != nil
        let new =
            switch taken {
            case .bytes: SeriesIntake(metric, numbered.count, stored: nil, isCounted: false, isAudited: isAudited)
            case .points(let stored):
                SeriesIntake(
                    metric, numbered.count, stored: stored.series[metric], isCounted: true, isAudited: isAudited)
            }
        series[metric] = new
        numbered.append(new)
        return new
    }

    private func store(
        _ intake: SeriesIntake, _ step: Int64, _ time: Int64, _ value: Double, _ type: ValueType
    ) throws(VarveError) {
        session.report.pointsRead += 1
        hasContent = true
        happened(time)
        guard intake.take(step: step, time: time, value: value), !isReplay else { return }
        intake.type = intake.type ?? type
        if !waiting.isEmpty || run == nil && !session.hasRoom {
            waiting.append(WaitingPoints.Point(series: intake.number, step: step, time: time, value: value))
            return try session.oneMoreWaits()
        }
        try log(intake, step, time, value)
    }

    private func happened(_ time: Int64) {
        guard time != WallTime.none else { return }
        times = times.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    }

    /// Makes room in memory.
    func spill(to file: SpillFile) throws(VarveError) { try waiting.spill(to: file) }

    /// Stores the points that wait.
    func storeWaiting() throws(VarveError) {
        try waiting.takeAll(from: session.spillFile) { point throws(VarveError) in
            try log(numbered[point.series], point.step, point.time, point.value)
        }
    }

    private func log(_ intake: SeriesIntake, _ step: Int64, _ time: Int64, _ value: Double) throws(VarveError) {
        guard let series = try handle(intake) else {
            return skipped("points of metrics whose name can't be used")
        }
        series.log(value, step: Int(step), time: time)
        session.report.pointsStored += 1
        storedPoints += 1
    }

    private func handle(_ intake: SeriesIntake) throws(VarveError) -> Series? {
        if let handle = intake.handle, handle.file == openings { return handle.series }
        if intake.isUnusable { return nil }
        let run = try openRun()
        do throws(VarveError) {
            let metric = intake.metric
            let context = Dictionary(uniqueKeysWithValues: metric.context.map { ($0.key, $0.value) })
            let series = try run.series(metric.name, context: context, type: intake.type ?? .double)
            intake.handle = (series, openings)
            return series
        } catch {
            // A name beyond the format's limits costs its series; a full disk ends the import.
            guard error.code == .limit || error.code == .invalid else { throw error }
            intake.isUnusable = true
            let what = "\(error.message): \(intake.metric.name.prefix(60)), whose points are left out,"
            problem(ImportProblem(file: name, offset: 0, message: what))
            return nil
        }
    }

    // MARK: What else a source tells

    func text(_ text: String, name: String, step: Int64, time: Int64) throws(VarveError) {
        hasContent = true
        happened(time)
        if isReplay { return }
        guard text.utf8.count <= FormatConstants.maxTextBytes, name.utf8.count <= FormatConstants.maxNameBytes else {
            return skipped("texts of more than a mebibyte, or under names of more than a kibibyte")
        }
        if case .points(let stored) = taken {
            textsRead[name, default: 0] += 1
            if textsRead[name] ?? 0 <= stored.texts[name] ?? 0 { return }
        }
        let stamp = time == WallTime.none ? nil : time
        try runInTurn().text(text, channel: name, step: Int(step), time: stamp)
        session.report.textsStored += 1
        storedTexts += 1
    }

    func record(
        _ content: Record.Content, of metric: MetricKey, step: Int64?, time: Int64
    ) throws(VarveError) {
        hasContent = true
        happened(time)
        if isReplay { return }
        let key = StoredSeries.RecordKey(metric: metric, step: step, content: content)
        if case .points(let stored) = taken, stored.records.contains(key) { return }
        let context = Dictionary(uniqueKeysWithValues: metric.context.map { ($0.key, $0.value) })
        let stamp = time == WallTime.none ? lifetime.end ?? times?.upperBound : time
        do throws(VarveError) {
            try runInTurn().log(content, name: metric.name, step: step.map { Int($0) }, context: context, time: stamp)
            session.report.recordsStored += 1
        } catch {
            guard error.code == .limit || error.code == .invalid else { throw error }
            session.report.add(error)
            skipped("records that are too large, or whose name can't be used")
        }
    }

    func record(
        _ content: Record.Content, name: String, step: Int64?, time: Int64
    ) throws(VarveError) {
        let metric = names.metric(name, subset: rowSubset ?? subset, directory: directory)
        try record(content, of: metric, step: step, time: time)
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

    func ended(_ end: ForeignEnd) { self.end = end }
    func lasted(from start: Int64?, to end: Int64?) { lifetime = (start, end) }

    func skipped(_ kind: String) {
        session.report.skipped[kind, default: 0] += 1
        leftOut[kind, default: 0] += 1
    }

    func rounded() { session.report.roundedIntegers += 1 }

    func problem(_ problem: ImportProblem) {
        problemCount += 1
        session.report.add(problem)
    }

    // MARK: The run

    /// The series of which the run holds something else than what the source begins with.
    var changedSeries: [MetricKey] {
        guard case .points(let stored) = taken else { return [] }
        var changed = series.values.filter { $0.isChanged || $0.isShorter }.map(\.metric)
        changed += stored.series.keys.filter { series[$0] == nil }
        return changed.sorted { "\($0)" < "\($1)" }
    }

    /// The names that became another metric than themselves, for the next import of a store: which of two names that would
    /// be one metric came first must not depend on what was added since.
    var renamed: [String: MetricKey] { names.renamed }

    /// The run, for what doesn't wait: where too many are open, another one is closed for it.
    func runInTurn() throws(VarveError) -> Run {
        if run == nil { try session.makeRoom() }
        return try openRun()
    }

    func openRun() throws(VarveError) -> Run {
        if let run { return run }
        var options = RunOptions()
        // A journal says that its writer is alive: of a run that is followed that is so.
        options.useJournal = session.followed != nil
        options.journalBytes = 1 << 16
        options.compaction = .never
        options.sync = .none
        options.created = lifetime.start ?? times?.lowerBound
        options.isLocal = false
        // By these an import that was killed is known again, from the file's first bytes on.
        var facts: Properties = [
            "import.format": .string(session.format.name), "import.root": .string(session.root),
            "import.run": .string(name), "import.part": part.map { .string($0) } ?? .null, "import.complete": false,
        ]
        if let identity = properties["import.id"] { facts["import.id"] = identity }
        let opened: Run
        if let runID {
            if let kept = session.followed?.take(runID) {
                opened = kept
            } else {
                opened = try session.repository.resumeRun(runID, options: options)
            }
            try opened.set(facts)
        } else {
            facts["name"] = .string(name)
            opened = try session.repository.startRun(properties: facts, options: options)
        }
        run = opened
        runID = opened.id
        session.opened(self)
        openings += 1
        return opened
    }

    /// The run as it is written to.
    var openID: RunID? { run?.id }

    /// Closes the run's file for now; whatever comes later goes to another.
    func suspend() throws(VarveError) {
        guard let run else { return }
        letGo()
        try Self.drain(run)
        try run.end(successfully: true, at: times?.upperBound)
    }

    /// Has the run no more: whoever has it now may end it, so that its handles are void.
    func letGo() {
        run = nil
        openings += 1
    }

    /// Writes the points down. `log` drops and counts rather than fail; an import must not.
    static func drain(_ run: Run) throws(VarveError) {
        try run.drain()
        let health = run.health
        guard health.dropped == 0 else {
            throw health.problem
                ?? VarveError(.noRoom, "\(health.dropped) points could not be stored", remedy: "import again")
        }
    }
}
