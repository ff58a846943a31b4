import VarveFiles
import VarveFormat

/// How many bytes what takes.
public struct DiskUse: Hashable, Sendable {
    /// Log files.
    public var logs = 0
    /// Journals, spare ones included.
    public var journals = 0
    /// Segments and manifests.
    public var index = 0
    /// Artifacts.
    public var artifacts = 0
    /// What waits in the trash.
    public var trash = 0
    /// Nothing.
    public init() {}

    /// All of it.
    public var total: Int { logs + journals + index + artifacts + trash }
}

extension Repository {
    /// How many bytes what takes, by the files' sizes.
    public func diskUse() throws(VarveError) -> DiskUse {
        var use = DiskUse()
        do throws(FileError) {
            try forEachLogFile { name, size in
                switch name {
                case .journal, .spare: use.journals += size
                case .log, .seal, .edit, .pack: use.logs += size
                }
            }
            use.index = try bytes(below: paths.index)
            use.artifacts = try bytes(below: paths.artifacts)
            use.trash = try bytes(below: paths.trash)
        } catch {
            throw VarveError(error)
        }
        return use
    }

    /// How many bytes of logs and journals each run takes, in packs, too.
    public func runUse() throws(VarveError) -> [RunID: Int] {
        var use: [RunID: Int] = [:]
        for (run, bytes) in try packedBytes() { use[RunID(run)] = bytes }
        do throws(FileError) {
            try forEachLogFile { name, size in
                if let run = name.run { use[RunID(run), default: 0] += size }
            }
        } catch {
            throw VarveError(error)
        }
        return use
    }

    /// Log files and journals, with their sizes.
    private func forEachLogFile(_ body: (LogName, Int) -> Void) throws(FileError) {
        for text in try environment.fileSystem.list(paths.logs) {
            guard let name = LogName(text),
                let status = try environment.fileSystem.status(Paths.join(paths.logs, text)), status.kind == .file
            else { continue }
            body(name, status.size)
        }
    }

    /// How many bytes of the index each metric takes, in all segments; nil stands for axes: the steps and times that metrics share.
    public func indexUse() throws(VarveError) -> [MetricKey?: Int] {
        let index = try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: id == .zero ? nil : id, codec: ColumnCodec())
        var use: [MetricKey?: Int] = [:]
        for segment in index.segments {
            for page in 0..<segment.metrics.axisPages { use[nil, default: 0] += segment.pages[page].bytes }
            for metric in segment.metrics.metrics {
                for page in metric.pageRange { use[metric.metric, default: 0] += segment.pages[page].bytes }
            }
        }
        return use
    }

    private func bytes(below directory: String) throws(FileError) -> Int {
        let fileSystem = environment.fileSystem
        var total = 0
        var open = [directory]
        while let path = open.popLast() {
            guard let status = try fileSystem.status(path) else { continue }
            switch status.kind {
            case .file: total += status.size
            case .directory: for name in try fileSystem.list(path) { open.append(Paths.join(path, name)) }
            case .link, .other: break
            }
        }
        return total
    }
}
