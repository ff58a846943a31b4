import VarveFormat

extension SnapshotContent {
    /// What is known of a run without its points.
    func info(of run: UniqueID) -> RunInfo { info(of: run, properties(of: run)) }

    /// The same of many runs, in their order, on all cores.
    func infos(of runs: [UniqueID]) -> [RunInfo] {
        // Read before there are threads that would all read it.
        let table = propertyTable()
        return ParallelWork.array(count: runs.count, batch: 1024, threads: environment.decodingThreads) {
            [self] places, infos in
            var next = 0
            let runs = runs[places]
            for (run, properties) in zip(runs, table.properties(of: runs)) {
                infos.append(info(of: run, properties, from: &next))
            }
        }
    }

    /// The same with properties that were looked up already, or with as many of them as are needed.
    func info(of run: UniqueID, _ properties: Properties) -> RunInfo {
        var next = 0
        return info(of: run, properties, from: &next)
    }

    private func info(of run: UniqueID, _ properties: Properties, from next: inout Int) -> RunInfo {
        if let file = onlyFile(of: run, from: &next) { return Self.info(of: run, file, properties) }
        let files = files(of: run)
        let newest = files.map(\.begin.attempt).max() ?? 0
        let current = files.filter { $0.begin.attempt == newest }
        let fork = files.compactMap(\.begin.fork).first
        let ended = Self.ended(current)
        let status = status(of: current, properties)
        return RunInfo(
            id: RunID(run), properties: properties, status: status,
            created: files.map(\.begin.created).min() ?? FormatConstants.noTime,
            ended: status == .running ? nil : ended, attempt: Int(newest),
            files: files.count, points: files.reduce(0) { Self.sum($0, $1.points) },
            lostPoints: files.reduce(0) { Self.sum($0, Int(clamping: $1.lostPoints)) }, hosts: Self.hosts(of: files),
            durability: current.last { $0.begin.sealOf == nil }?.begin.durability ?? .logOnly,
            forkedFrom: fork.map { RunID($0.run) }, forkStep: fork.map { Int($0.step) },
            historyIsMissing: fork.map { !has($0.run) } ?? false)
    }

    /// When the last of an attempt's files ended; nil if none did.
    static func ended(_ files: [SourceFile]) -> Int64? {
        let last = files.filter { $0.end != nil && $0.end != .moved }.map(\.endTime).max()
        return last == FormatConstants.noTime ? nil : last
    }

    /// Where files were written, each host once, in their order.
    static func hosts(of files: [SourceFile]) -> [String] {
        var hosts: [String] = []
        for host in files.map(\.begin.host) where !host.isEmpty && !hosts.contains(where: { $0.hasSameBytes(as: host) })
        {
            hosts.append(host)
        }
        return hosts
    }

    /// What a hostile file claims stays a number.
    static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, isOver) = a.addingReportingOverflow(b)
        return isOver ? .max : sum
    }

    /// What is known of a run with a single file that the index has whole, as most runs are.
    private static func info(
        of run: UniqueID, _ file: CoverageTable.Summary, _ properties: Properties
    ) -> RunInfo {
        let hasEnded = file.endState != .moved && file.endTime != FormatConstants.noTime
        return RunInfo(
            id: RunID(run), properties: properties, status: stated(properties) ?? status(of: file.endState),
            created: file.created, ended: hasEnded ? file.endTime : nil, attempt: Int(file.attempt), files: 1,
            points: Int(clamping: file.points), lostPoints: Int(clamping: file.lostPoints),
            hosts: file.host.isEmpty ? [] : [file.host], durability: file.durability, forkedFrom: nil, forkStep: nil,
            historyIsMissing: false)
    }

    /// How a file's end leaves the run.
    private static func status(of end: EndFrame.State?) -> RunStatus {
        switch end {
        case .finished, .moved, nil: .finished
        case .failed: .failed
        case .killed, .exited: .killed
        }
    }

    /// The status that somebody set.
    private static func stated(_ properties: Properties) -> RunStatus? {
        if case .string(let text)? = properties["status"] { RunStatus(rawValue: text) } else { nil }
    }

    /// The worst of what the newest attempt's files say; a `status` that somebody set overrides it.
    func status(of files: [SourceFile], _ properties: Properties) -> RunStatus {
        if let stated = Self.stated(properties) { return stated }
        var found: Set<RunStatus> = []
        let sealed = Set(files.compactMap { $0.begin.sealOf?.salt })
        for file in files {
            switch file.end {
            case .finished: found.insert(.finished)
            case .failed: found.insert(.failed)
            case .killed, .exited: found.insert(.killed)
            case .moved: break
            case nil:
                if sealed.contains(file.begin.salt) { break }
                switch file.writer {
                case .alive: found.insert(.running)
                case .dead: found.insert(.killed)
                // An importer has no journal, and neither has a file whose journal was left behind by a copy.
                case .unknown, nil: found.insert(.silent)
                }
            }
        }
        return [RunStatus.running, .failed, .killed, .silent, .finished].first { found.contains($0) } ?? .finished
    }
}
