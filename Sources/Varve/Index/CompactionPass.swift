import VarveFiles
import VarveFormat

/// One run of the compactor: what it has seen, and what it did so far.
struct CompactionPass {
    let environment: Environment
    let paths: RepositoryPaths
    let repository: UniqueID
    let store: ManifestStore
    let options: CompactionOptions
    let codec: ColumnCodec
    let inventory: LogInventory
    private(set) var index: IndexSnapshot
    private(set) var report = CompactionReport()
    private let deadline: Int64?
    /// Someone else changed the index in a way that made our work pointless: the rest is for the next pass.
    private var wasOvertaken = false

    init(
        environment: Environment, paths: RepositoryPaths, repository: UniqueID, store: ManifestStore,
        options: CompactionOptions, codec: ColumnCodec, inventory: LogInventory, index: IndexSnapshot,
        problems: [VarveError]
    ) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
        self.store = store
        self.options = options
        self.codec = codec
        self.inventory = inventory
        self.index = index
        report.segments = index.segments.count
        report.problems = problems
        let start = environment.host.monotonicTime()
        deadline = options.seconds.map { start &+ Int64(max(0, min($0, 1e9)) * 1e9) }
    }

    private var isLate: Bool { deadline.map { environment.host.monotonicTime() >= $0 } ?? false }
    private var isOver: Bool { wasOvertaken || isLate }

    /// What is merged in about a third of the time that is left, by the slowest of machines.
    private var mergeBytes: Int {
        guard let deadline else { return .max }
        let left = max(0, deadline &- environment.host.monotonicTime())
        return Int(Double(left) / 1e9 * 32e6)
    }

    var hasMerges: Bool { MergePolicy.next(index.entries, width: options.mergeWidth, mostBytes: mergeBytes) != nil }

    // MARK: From logs

    /// Puts what the index doesn't hold into segments of level 0.
    mutating func build(_ candidates: [LogInventory.Candidate], _ lease: Lease) throws(VarveError) {
        var taken: [LogIdentity: CoveredFile] = [:]
        var level = LevelZero(maxPoints: options.buildPoints)
        for candidate in candidates {
            if isOver { break }
            let named = index.coverage.files(named: candidate.name)
            if candidate.isLive {
                let known = named.first.map { Int(clamping: $0.offset) } ?? 0
                if candidate.size - known < options.minimumLiveBytes { continue }
            }
            if level.hasManyKinds {
                try commit(&level, lease)
                taken.removeAll()
                level.renewKinds()
            }
            let opener = IntakeOpener(
                inventory: inventory, zstd: codec.zstd, kinds: level.kinds, now: environment.host.wallTime())
            let coverage = index.coverage
            let opened = try opener.open(candidate.name, named: named) { taken[$0] ?? coverage[$0] }
            guard let opened else { continue }
            report.problems += opened.problems
            for position in opened.intakes.indices {
                while !opened.intakes[position].isDone, !isOver {
                    try opened.intakes[position].take(into: &level, codec: codec)
                    if let row = level.lastRow { note(row, in: &taken) }
                    guard level.isFull else { continue }
                    try commit(&level, lease)
                    // The index knows of them now.
                    taken.removeAll()
                }
                report.problems += opened.intakes[position].problems
            }
        }
        if !wasOvertaken { try commit(&level, lease) }
    }

    /// Remembers what was taken of a file: it may stand in two places, on its own and in a pack.
    private func note(_ row: CoverageRow, in taken: inout [LogIdentity: CoveredFile]) {
        taken[row.identity] = CoveredFile(
            begin: row.begin, sequence: row.sequences.upperBound, offset: row.offsets.upperBound,
            endState: row.endState, endTime: row.endTime, lostPoints: row.lostPoints, points: 0, name: row.name)
    }

    private mutating func commit(_ level: inout LevelZero, _ lease: Lease) throws(VarveError) {
        guard !level.isEmpty else { return }
        defer { level.removeAll() }
        let codec = codec
        let entry = try publish { file, header throws(VarveError) in
            try level.write(to: file, header: header, codec: codec)
        }
        guard let entry else { return }
        let change = ManifestStore.Change(added: [entry], continues: level.firstRows)
        guard try install(change) else { return }
        report.built += 1
        report.points += Int(clamping: entry.points)
        options.progress(Progress(unit: "points", done: report.points, total: nil))
        _ = lease.take(givesWay: false)
    }

    // MARK: Merging

    /// Merges until no tier has enough segments.
    mutating func merge(_ lease: Lease) throws(VarveError) {
        var excluded: Set<UInt16> = []
        while !isOver,
            let next = MergePolicy.next(
                index.entries, width: options.mergeWidth, excluding: excluded, mostBytes: mergeBytes)
        {
            var inputs = next.inputs
            while true {
                do throws(VarveError) {
                    try merge(inputs, tier: next.tier, lease)
                    break
                } catch  where error.code == .limit && inputs.count > 2 {
                    inputs = Array(inputs.prefix(inputs.count / 2))
                } catch  where error.code == .limit {
                    // These stay as they are: together they are more than a segment may be.
                    excluded.insert(next.inputs[0].tier)
                    break
                } catch  where error.code == .damaged {
                    try drop(error)
                    break
                }
            }
        }
    }

    /// Takes a damaged segment out of the index: what it held is read from the logs, and indexed anew by the next pass.
    private mutating func drop(_ error: VarveError) throws(VarveError) {
        guard let segment = index.segments.first(where: { $0.path == error.file }) else { throw error }
        report.problems.append(error)
        _ = try install(ManifestStore.Change(removed: [segment.id]))
    }

    private mutating func merge(
        _ inputs: [ManifestEntry], tier: UInt16, _ lease: Lease
    ) throws(VarveError) {
        let wanted = Set(inputs.map(\.id))
        let positions = index.segments.indices.filter { wanted.contains(index.segments[$0].id) }
        var kept: [[Bool]] = []
        for position in positions {
            var rows: [Bool] = []
            for (row, entry) in index.segments[position].coverage.enumerated() {
                rows.append(try isKept(entry, segment: position, row: row))
            }
            kept.append(rows)
        }
        let merger = try SegmentMerger(positions.map { index.segments[$0] }, codec: codec) { kept[$0][$1] }
        var change = ManifestStore.Change(removed: inputs.map(\.id))
        if !merger.isEmpty {
            let host = environment.host
            let deadline = deadline
            let entry = try publish { file, header throws(VarveError) in
                try merger.write(to: file, header: header, tier: tier) {
                    deadline.map { host.monotonicTime() < $0 } ?? true
                }
            }
            guard let entry else { return }
            change.added = [entry]
        }
        if try install(change) { report.merged += inputs.count }
        _ = lease.take(givesWay: false)
    }

    /// Whether a row's points go on to the next segment: its file is there, and nothing voids it.
    private func isKept(_ row: CoverageRow, segment: Int, row number: Int) throws(VarveError) -> Bool {
        guard index.coverage.isTrusted(segment: segment, row: number),
            inventory.place(of: row.begin, fileName: row.name) != nil
        else { return false }
        guard row.isSeal, let covered = index.coverage[row.identity] else { return true }
        return !covered.isOutgrown(sourceBytes: try inventory.sourceBytes(of: row.begin))
    }

    // MARK: Publishing

    /// Writes a segment and publishes it; nil if `write` gave up. No manifest names it yet.
    private mutating func publish(
        _ write: (any OpenFile, SegmentHeader) throws(VarveError) -> ManifestEntry?
    ) throws(VarveError) -> ManifestEntry? {
        let header = SegmentHeader(
            id: environment.host.newID(), repository: repository, created: environment.host.wallTime())
        let path = Paths.join(paths.index, "\(header.id).vseg")
        let publication = try filesystem { () throws(FileError) in
            try Publication(
                environment.fileSystem, path,
                from: Paths.temporary(for: path, tag: environment.host.random()))
        }
        defer { publication.abandon() }
        guard let entry = try write(publication.file, header) else {
            report.bytes += (try? publication.file.size()) ?? 0
            return nil
        }
        guard try filesystem({ () throws(FileError) in try publication.commit() }) else {
            throw VarveError(.exists, "a segment of this ID exists", file: path, remedy: "run it again")
        }
        report.bytes += entry.size
        return entry
    }

    /// Commits a change; false if it is pointless now: then its segments are thrown away, and the pass ends.
    private mutating func install(_ change: ManifestStore.Change) throws(VarveError) -> Bool {
        if let now = try store.commit(change, to: index, codec: codec) {
            index = now
            report.segments = now.segments.count
            report.bytes += now.manifest?.bytes().count ?? 0
            report.problems += now.problems.filter { !report.problems.contains($0) }
            return true
        }
        wasOvertaken = true
        for entry in change.added {
            try filesystem { () throws(FileError) in
                try environment.fileSystem.unlink(Paths.join(paths.index, entry.fileName))
            }
        }
        return false
    }

    /// Sweeps beside the newest index: others may have changed it since, and whoever was stopped for a day must not take
    /// their segments for forgotten ones.
    func sweep() throws(VarveError) {
        guard !options.removesNothing, let manifest = try store.open(reusing: index, codec: codec).manifest else {
            return
        }
        try Sweeper(environment.fileSystem, directory: paths.index, now: environment.host.wallTime())
            .sweep(current: manifest)
    }
}
