import Logging
import VarveFiles
import VarveFormat

extension Repository {
    /// The points that come from now on, of every series that a query wants, within milliseconds of their logging on
    /// this host.
    ///
    /// Each point comes once, in the order of its series. The query's view and x metric don't apply. A run that starts
    /// later is followed too.
    /// The stream ends when its consumer does, and throws if a file can't be read.
    ///
    /// - Parameter interval: how often the journals are looked at.
    public func tail(
        _ query: Query, interval: Duration = .milliseconds(5)
    ) -> AsyncThrowingStream<SeriesChunk, any Error> {
        AsyncThrowingStream { continuation in
            do throws(VarveError) {
                let thread = try follow(query, interval: interval) { chunk in
                    switch chunk {
                    case .success(let chunk): continuation.yield(chunk)
                    case .failure(let error): continuation.finish(throwing: error)
                    }
                }
                continuation.onTermination = { _ in thread.stop() }
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    /// Hands the points that come from now on to `body`, on a thread of its own, until that is stopped. A failure is
    /// the last that it hands out.
    package func follow(
        _ query: Query, interval: Duration, _ body: @escaping @Sendable (Result<SeriesChunk, VarveError>) -> Void
    ) throws(VarveError) -> Following {
        let (seconds, attoseconds) = interval.components
        let nanoseconds = max(100_000, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let tail = try RepositoryTail(self, query)
        let host = environment.host
        do throws(FileError) {
            return Following(
                thread: try BackgroundThread(name: "varve-tail") {
                    do throws(VarveError) {
                        try tail.poll { body(.success($0)) }
                        return host.monotonicTime() + nanoseconds
                    } catch {
                        body(.failure(error))
                        return nil
                    }
                })
        } catch {
            throw VarveError(error)
        }
    }
}

/// A repository that is being followed, until that is stopped.
package struct Following: Sendable {
    fileprivate let thread: BackgroundThread

    /// Ends it: nothing is handed out once this has returned.
    package func stop() { thread.stop() }
}

/// Follows all files of a repository. Only one thread polls.
package final class RepositoryTail: @unchecked Sendable {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let query: Query
    private let runs: Set<UniqueID>?
    private let zstd = Zstd()
    private let codec = ColumnCodec()
    private var followers: [LogName: TailFollower] = [:]
    /// The files that are followed, each after those whose points come before its own: of earlier attempts, then of lower
    /// numbers. A file that was listed after its forerunner ended is read after that one's end, then.
    private var order: [LogName] = []
    private var known: Set<LogName> = []
    /// Files that were there before, have no journal and haven't ended, with their sizes: a writer without a journal may be at
    /// them. One that grows is followed.
    private var quiet: [LogName: Int] = [:]
    private var nextListing: Int64 = 0
    private static let listingInterval: Int64 = 200_000_000

    package init(_ repository: Repository, _ query: Query) throws(VarveError) {
        environment = repository.environment
        paths = repository.paths
        self.query = query
        runs = query.runs.map { Set($0.map(\.id)) }
        try list(fromStart: false)
    }

    private func list(fromStart: Bool) throws(VarveError) {
        let names: Set<LogName>
        do throws(FileError) {
            names = Set(try environment.fileSystem.list(paths.logs).compactMap(LogName.init))
        } catch {
            throw VarveError(error)
        }
        for name in names {
            guard case .log(let run, let n) = name, runs?.contains(run) ?? true else { continue }
            if let size = quiet[name] { try follow(run, n, ifLongerThan: size) }
            guard known.insert(name).inserted else { continue }
            if fromStart || names.contains(.journal(run: run, n: n)) {
                try follow(run, n, from: fromStart ? .beginning : .now)
            } else if !names.contains(.seal(run: run, n: n)) {
                // One that is closed already, and was there before we came, has nothing to add.
                quiet[name] = try unendedBytes(of: name)
            }
        }
        for name in quiet.keys where !names.contains(name) { quiet[name] = nil }
        order = followers.sorted { a, b in
            let (first, second) = (a.key.n ?? 0, b.key.n ?? 0)
            return (a.value.attempt, first) < (b.value.attempt, second)
        }.map(\.key)
        nextListing = environment.host.monotonicTime() + Self.listingInterval
    }

    private func follow(_ run: UniqueID, _ n: UInt32, from start: TailFollower.Start) throws(VarveError) {
        let name = LogName.log(run: run, n: n)
        do throws(VarveError) {
            let follower = try TailFollower(
                run: run, n: n, environment, paths, from: start, zstd: zstd, codec: codec)
            if let follower { followers[name] = follower } else { known.remove(name) }
        } catch  where error.code == .damaged || error.code == .unsupported {
            // A file of which not even the beginning can be read must not keep the others from being followed.
            Diagnostics.logger.warning("a log isn't followed", metadata: ["error": "\(error)"])
        }
    }

    private func follow(_ run: UniqueID, _ n: UInt32, ifLongerThan bytes: Int) throws(VarveError) {
        let name = LogName.log(run: run, n: n)
        let size = try filesystem { () throws(FileError) in try environment.fileSystem.status(paths.log(name))?.size }
        guard let size, size > bytes else { return }
        quiet[name] = nil
        try follow(run, n, from: .bytes(bytes))
    }

    /// How many bytes a file has that doesn't end with `end`; nil: it does, or is gone.
    private func unendedBytes(of name: LogName) throws(VarveError) -> Int? {
        do throws(FileError) {
            let file = try environment.fileSystem.open(paths.log(name), .read)
            defer { file.close() }
            let size = try file.size()
            return try LogFileReader.endsWithEnd(file, size: size) ? nil : size
        } catch {
            if error.code == .notFound || error.code.isNoFile { return nil }
            throw VarveError(error)
        }
    }

    /// Hands out what came since the last call.
    package func poll(_ body: (SeriesChunk) -> Void) throws(VarveError) {
        if environment.host.monotonicTime() >= nextListing { try list(fromStart: true) }
        for name in order {
            guard let run = name.run, var follower = followers[name] else { continue }
            let attempt = follower.attempt
            try follower.poll { definition, points in
                guard let chunk = chunk(run, attempt, definition, points) else { return }
                body(chunk)
            }
            if follower.isOver {
                follower.close()
                followers[name] = nil
            } else {
                followers[name] = follower
            }
        }
    }

    private func chunk(
        _ run: UniqueID, _ attempt: UInt32, _ definition: SeriesDefinition, _ points: PointBuffer
    ) -> SeriesChunk? {
        let metric = definition.metric
        if let name = query.metric, !metric.isNamed(name) { return nil }
        guard metric.has(query.context) else { return nil }
        var points = points
        if query.steps != nil || query.times != nil {
            points.filter { step, time in
                if let steps = query.steps, !steps.contains(Int(step)) { return false }
                if let times = query.times, time == FormatConstants.noTime || !times.contains(time) { return false }
                return true
            }
        }
        guard !points.isEmpty else { return nil }
        return SeriesChunk(
            SeriesView(
                run: RunID(run), metric: metric, valueType: definition.valueType, attempt: Int(attempt),
                count: points.count, steps: points.steps.span.bytes.words(Int.self), times: points.times.span,
                values: points.values.span.bytes.words(Double.self), x: Span()))
    }
}
