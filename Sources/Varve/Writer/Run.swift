import Synchronization
import VarveFiles
import VarveFormat

/// A run that this process writes. All of it may be used from any thread.
///
/// A process that dies without ``finish()`` or ``fail(_:)`` leaves everything that was logged behind; the run then
/// counts as killed.
public final class Run: Sendable {
    /// The run's ID.
    public let id: RunID
    /// The attempt's number; the first is 0.
    public let attempt: Int
    private let shared: RunShared

    init(shared: RunShared) {
        self.shared = shared
        id = RunID(shared.facts.run)
        attempt = Int(shared.facts.attempt)
    }

    /// What survives when this process dies.
    public var durability: Durability { shared.writer().health.durability }

    /// How the writing is doing.
    public var health: RunHealth { shared.writer().health }

    // MARK: Points

    /// A handle to log one metric; the same for the same name and context.
    ///
    /// - Parameters:
    ///   - name: the metric, at most 1,024 bytes, such as `loss`.
    ///   - context: what it was measured on, such as `["subset": "val"]`; the rank of the run is added.
    ///   - type: how its values are shown.
    /// - Throws: `limit` or `invalid` if name or context can't be stored. A definition that can't be written throws
    ///   nothing: its
    ///   points are dropped and counted until it can.
    public func series(
        _ name: String, context: [String: String] = [:], type: ValueType = .double
    ) throws(VarveError) -> Series {
        let context = contextWithRank(context)
        try Limits.check(metric: name, context: context)
        return shared.writer().series(MetricKey(name, context: context), valueType: type, of: shared)
    }

    /// Logs one value of each of several series at one step and one time: the cheapest way to log a training step.
    ///
    /// - Parameter time: nanoseconds since 1970; nil: now.
    public func log(step: Int, time: Int64? = nil, _ row: [(Series, Double)]) {
        guard !row.isEmpty else { return }
        let time = time ?? row[0].0.now()
        let step = Int64(step)
        if row.withUnsafeBufferPointer({ Self.store($0, step: step, time: time) }) { return }
        for (series, value) in row { Series.append(series.core, value.bitPattern, step: step, time: time) }
    }

    /// Stores a row if all its series go to one ring, and that has room. Touches nothing that counts references.
    private static func store(_ row: UnsafeBufferPointer<(Series, Double)>, step: Int64, time: Int64) -> Bool {
        guard let ring = row[0].0.hot.pointee.current(), row.count <= ring.pointee.batchLimit else { return false }
        for i in 1..<row.count where row[i].0.hot.pointee.current() != ring { return false }
        guard let sequence = ring.pointee.claim(UInt64(row.count)) else { return false }
        for i in 0..<row.count {
            ring.pointee.store(
                sequence &+ UInt64(i), step: step, time: time, value: row[i].1.bitPattern,
                series: row[i].0.hot.pointee.id.load(ordering: .relaxed))
        }
        if ring.pointee.endsHalf(sequence, row.count) { row[0].0.core.halfIsFull() }
        return true
    }

    // MARK: Properties, text, artifacts

    /// Sets one property: `params.…`, `tags.…`, `values.…`, `name`, `note`, or a key of your own.
    public func set(_ key: String, _ value: PropertyValue) throws(VarveError) { try set([key: value]) }

    /// Sets properties. When this returns they are in the log.
    public func set(_ properties: [String: PropertyValue]) throws(VarveError) { try set(Properties(properties)) }

    /// The same for properties some of whose keys look the same and are not.
    public func set(_ properties: Properties) throws(VarveError) {
        guard !properties.isEmpty else { return }
        for (key, value) in properties { try Limits.check(property: key, value) }
        let writer = shared.writer()
        let first = writer.nextRevisions(properties.count)
        let time = shared.facts.environment.host.wallTime()
        let entries = properties.sorted { $0.key.precedesByBytes($1.key) }.enumerated().map { index, property in
            PropertyEntry(
                run: nil, key: property.key, revision: first + UInt64(index), time: time, value: property.value)
        }
        try writer.append { appender, claimed throws(FileError) in
            for part in Limits.frames(entries) {
                try appender.append(
                    .properties, payload: PropertyEntry.payload(Array(part)), count: part.count, sequence: claimed)
            }
        }
    }

    /// Sets `params.…` from nested values: `["optimizer": ["lr": 0.1]]` becomes `params.optimizer.lr`. Lists are kept
    /// as JSON.
    public func setParams(_ params: JSONValue) throws(VarveError) {
        try set(PropertyValue.flatten(params, under: "params"))
    }

    /// Adds a tag.
    public func addTag(_ tag: String) throws(VarveError) { try set("tags.\(tag)", true) }

    /// Logs a line or block of text, at most 1 MiB.
    ///
    /// - Parameters:
    ///   - channel: what it belongs to, such as `stdout`.
    ///   - time: nanoseconds since 1970; nil: now.
    public func text(
        _ text: String, channel: String = "text", step: Int? = nil, time: Int64? = nil
    ) throws(VarveError) {
        try Limits.check(text: text, channel: channel)
        let entry = TextEntry(
            step: step.map(Int64.init), time: time ?? shared.facts.environment.host.wallTime(), channel: channel,
            text: text)
        try shared.writer().append { appender, claimed throws(FileError) in
            try appender.append(text: [entry], sequence: claimed)
        }
    }

    /// Logs several texts at once, each of at most 1 MiB, with the times that they say; their rank is the run's.
    public func text(_ lines: [TextLine]) throws(VarveError) {
        for line in lines { try Limits.check(text: line.text, channel: line.channel) }
        for part in Limits.textFrames(lines) {
            let entries = part.map {
                TextEntry(step: $0.step.map(Int64.init), time: $0.time, channel: $0.channel, text: $0.text)
            }
            try append { appender, claimed throws(FileError) in
                try appender.append(text: entries, sequence: claimed)
            }
        }
    }

    /// Copies a file into the repository, where it is stored once a content, and notes it under a name.
    ///
    /// - Parameters:
    ///   - name: what it is called; nil: the file's own name.
    ///   - context: what it was made from, or measured on; the rank of the run is added.
    public func addArtifact(
        _ path: String, name: String? = nil, version: String = "", step: Int? = nil, mediaType: String = "",
        context: [String: String] = [:]
    ) throws(VarveError) {
        let name = name ?? Paths.lastComponent(path)
        let context = contextWithRank(context)
        try Limits.check(artifact: name, version: version, mediaType: mediaType, context: context)
        let stored = try ArtifactStore(shared.facts.environment, shared.facts.paths).add(path)
        let entry = ArtifactEntry(
            step: step.map(Int64.init), time: shared.facts.environment.host.wallTime(), name: name, version: version,
            sha256: stored.sha256, size: UInt64(stored.size), mediaType: mediaType,
            context: MetricKey(name, context: context).context)
        try shared.writer().append { appender, claimed throws(FileError) in
            try appender.append(
                .artifacts, payload: ArtifactEntry.payload([entry]), count: 1, sequence: claimed)
        }
    }

    // MARK: Ending

    /// Moves everything that was logged to the log, and makes it durable.
    public func flush() throws(VarveError) { try shared.writer().drain(syncs: true) }

    /// Moves everything that was logged to the log, and leaves it to the operating system when the disk gets it.
    package func drain() throws(VarveError) { try shared.writer().drain(syncs: false) }

    /// Ends the run: it succeeded. What is logged later is dropped and counted.
    public func finish() throws(VarveError) { try end(.finished, "") }

    /// Ends the run: it failed, and `message` says why.
    public func fail(_ message: String = "") throws(VarveError) { try end(.failed, message) }

    /// Ends an imported run, which ended at `time` (nanoseconds since 1970; nil: now).
    package func end(successfully: Bool, _ message: String = "", at time: Int64?) throws(VarveError) {
        try end(successfully ? .finished : .failed, message, at: time)
    }

    private static let maxMessageBytes = 40_000

    private func end(_ state: EndFrame.State, _ message: String, at time: Int64? = nil) throws(VarveError) {
        // Letters with thousands of accents are letters, too: the bytes are what the format bounds.
        let message = String(message.prefix(10_000)).clipped(toBytes: Self.maxMessageBytes)
        try shared.writer().close(state, message: message, time: time)
        AfterClose.shared().closed(shared.facts)
    }

    // MARK: For what else is logged

    /// The context under which this process logs: with its rank, if it has one.
    func contextWithRank(_ context: [String: String]) -> [String: String] {
        var context = context
        if let rank = shared.facts.options.rank { context["rank"] = String(rank) }
        return context
    }

    /// Nanoseconds since 1970.
    var wallTime: Int64 { shared.facts.environment.host.wallTime() }

    /// Appends a frame that isn't of points, before the call returns.
    func append(_ body: (inout LogAppender, UInt64) throws(FileError) -> Void) throws(VarveError) {
        try shared.writer().append(body)
    }

    // MARK: For tests and for processes without threads

    /// What the housekeeping does about once a second.
    package func tick() { shared.writer().tick() }
    package var writer: AnyObject { shared.writer() }
}
