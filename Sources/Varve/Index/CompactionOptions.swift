/// How the compactor works.
public struct CompactionOptions: Sendable {
    /// Called now and then, with points.
    public var progress: @Sendable (Progress) -> Void = { _ in }
    /// After about so many seconds it commits what it has, and leaves the rest to the next compaction; nil: it does everything.
    public var seconds: Double?
    /// Nothing is done unless at least so many finished log files aren't in the index.
    public var minimumFiles = 0
    /// Files that are still being written are passed over until they have so many bytes that aren't in the index.
    public var minimumLiveBytes = 0
    /// Nothing is done while another process is at it. Two at once do no harm: one of them works for nothing.
    public var givesWay = false
    /// How many segments of a tier are merged into one.
    package var mergeWidth = MergePolicy.width
    /// How many points a segment that is built from logs holds, about.
    package var buildPoints = LevelZero.maxPoints
    /// What no manifest needs any more stays.
    package var removesNothing = false
    /// The defaults: everything that is there goes into the index, now.
    public init() {}

    /// What a writer does after a close, or in the background: small bites, and only when they are worth it.
    public static var inPassing: CompactionOptions {
        var options = CompactionOptions()
        options.seconds = 1
        options.minimumFiles = 64
        options.minimumLiveBytes = 1 << 20
        options.givesWay = true
        return options
    }
}

/// What a compaction did.
public struct CompactionReport: Hashable, Sendable {
    /// Segments that were built from logs.
    public var built = 0
    /// Segments that were merged into others.
    public var merged = 0
    /// Points that were added to the index.
    public var points = 0
    /// Bytes written.
    public var bytes = 0
    /// Segments that are live now.
    public var segments = 0
    /// What could not be read; the rest is in the index.
    public var problems: [VarveError] = []
    /// Something was done.
    public var didWork: Bool { built > 0 || merged > 0 }
    /// Nothing was done.
    public init() {}
}

extension Repository {
    /// Builds the index of what it doesn't cover yet, and merges small segments.
    ///
    /// Safe beside writers, readers and other compactors; a process that dies in it leaves nothing behind that matters.
    ///
    /// - Throws: `system` if a file can't be read or written; `invalid` for a bare folder of log files.
    public func compact(_ options: CompactionOptions = CompactionOptions()) throws(VarveError) -> CompactionReport {
        // What dead writers left in their journals is sealed first: only what stands in a log can go into the index.
        if !options.givesWay, !paths.isBare { _ = try Sealer(environment, paths).sealDead() }
        return try Compactor(environment, paths, repository: id).runOnce(options)
    }
}
