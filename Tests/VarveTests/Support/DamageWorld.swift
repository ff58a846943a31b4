import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A tiny repository of which every point is another, what it says while it is whole, and which frame says what.
final class DamageWorld {
    static let path = "/r"
    let fileSystem: SimulatedFileSystem
    let repository: Repository
    let truth: RepositoryReading
    /// Every value that was ever set, by key.
    let settings: [String: [PropertyValue]]

    /// - Parameter build: makes the repository; what it sets it tells.
    init(_ build: (Builder) throws -> Void) throws {
        let builder = try Builder()
        try build(builder)
        fileSystem = builder.fileSystem.afterKill()
        // Nothing happens here but what a test does.
        fileSystem.setWriteBack(0)
        let reader = Environment(fileSystem: fileSystem, host: SimulatedHost(builder.machine), hasThreads: false)
        repository = try Repository.open(Self.path, reader)
        truth = try RepositoryReading(repository)
        settings = builder.settings
        guard truth.problems.isEmpty else { throw Unmet(description: "\(truth.problems)") }
        for name in try fileSystem.list(repository.paths.logs) where name.hasPrefix("spare-") {
            try fileSystem.unlink(repository.paths.log(LogName(name)!))
        }
    }

    /// Makes the repository's files.
    final class Builder {
        let machine = SimulatedMachine(seed: 5)
        let fileSystem = SimulatedFileSystem(seed: 5)
        let host: SimulatedHost
        let repository: Repository
        fileprivate(set) var settings: [String: [PropertyValue]] = [:]
        private var next = 0

        init() throws {
            host = SimulatedHost(machine)
            repository = try Repository.create(
                at: DamageWorld.path, name: "", Environment(fileSystem: fileSystem, host: host, hasThreads: false))
        }

        var options: RunOptions {
            var options = RunOptions()
            options.compaction = .never
            options.sync = .none
            options.clock = .system
            options.journalBytes = 64 << 10
            return options
        }

        /// Logs points of which none is like another.
        func log(_ series: Series, steps: Range<Int>) {
            for step in steps {
                next += 1
                series.log(Double(next) / 8, step: step, time: Int64(next) * 1_000)
            }
        }

        func set(_ run: Run, _ key: String, _ value: PropertyValue) throws {
            settings[key, default: []].append(value)
            try run.set(key, value)
        }
    }

    func path(_ suffix: String, in folder: String = "logs") throws -> String {
        let directory = Paths.join(Self.path, folder)
        let names = try fileSystem.list(directory).filter { $0.hasSuffix(suffix) }.sorted()
        guard let name = names.last else { throw Unmet(description: "no *\(suffix)") }
        return Paths.join(directory, name)
    }

    /// What the repository says with other bytes in one file; the file is as it was afterwards.
    func reading(_ path: String, _ bytes: [UInt8], isBrief: Bool = false, isMoved: Bool = false) throws
        -> RepositoryReading
    {
        guard let whole = fileSystem.content(path), fileSystem.replace(path, with: bytes) else {
            throw Unmet(description: "\(path) is in use")
        }
        defer { fileSystem.replace(path, with: whole) }
        let reading = try RepositoryReading(repository, isBrief: isBrief)
        try reading.requirePart(of: truth, settings: settings, isMoved: isMoved)
        return reading
    }

    func verify(_ path: String, _ bytes: [UInt8]) throws -> VerificationReport {
        guard let whole = fileSystem.content(path), fileSystem.replace(path, with: bytes) else {
            throw Unmet(description: "\(path) is in use")
        }
        defer { fileSystem.replace(path, with: whole) }
        return try repository.verify(deep: true)
    }

    /// The values that each frame of a log file holds, and those of the series that it defines.
    func values(_ log: FrameList) throws -> [(own: Set<UInt64>, defined: Set<UInt64>)] {
        let columns = ColumnCodec()
        let zstd = Zstd()
        var salt: UInt64 = 0
        return try log.frames.map { frame in
            let payload = try frame.header.payload(
                of: log.bytes.span.bytes.extracting(frame.payload), salt: salt, zstd: zstd)
            var values: (own: Set<UInt64>, defined: Set<UInt64>) = ([], [])
            switch FrameKind(rawValue: frame.header.kind) {
            case .begin?: salt = try BeginFrame(parsing: payload.span.bytes).salt
            case .points?:
                let points = try PointsFrame(
                    payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: columns)
                for slice in points.slices.indices { values.own.formUnion(try points.points(ofSlice: slice).values) }
            case .define?:
                for definition in try SeriesDefinition.parse(payload.span.bytes, count: frame.header.count) {
                    for (series, points) in truth.all where series.metric == definition.metric {
                        values.defined.formUnion(points.map(\.value))
                    }
                }
            default: break
            }
            return values
        }
    }
}
