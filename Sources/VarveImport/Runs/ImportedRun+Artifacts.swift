import Varve
import VarveFiles

/// What tells most changes of a file that is an artifact already; what it doesn't tell costs a copy and no second content.
struct ArtifactMark {
    var size: Int
    /// When it was stored, nanoseconds since 1970.
    var time: Int64

    /// What tells a file from the others of a run.
    static func key(_ name: String, _ step: Int64?) -> String { step.map { "\(name)\u{0}\($0)" } ?? name }
}

extension ImportedRun {
    func artifact(_ path: String, name: String, step: Int64?) throws(VarveError) {
        guard session.options.artifacts else { return skipped("artifacts") }
        hasContent = true
        // A stream tells by its offsets what of a step is there; the files of a run as a whole may change.
        if isReplay, step != nil { return }
        try tolerant { () throws(VarveError) in
            if step == nil || isOfStore, try isThere(path, ArtifactMark.key(name, step)) { return }
            try runInTurn().addArtifact(path, name: name, step: step.map { Int($0) })
            session.report.artifactsStored += 1
        }
    }

    func artifact(_ content: RawSpan, name: String, step: Int64) throws(VarveError) {
        guard session.options.artifacts else { return skipped("artifacts") }
        hasContent = true
        if isReplay { return }
        let path = TemporaryPath.new()
        defer { try? session.fileSystem.unlink(path) }
        do throws(FileError) {
            let file = try session.fileSystem.open(path, .createNew)
            defer { file.close() }
            try file.write(content.withUnsafeBytes { Array($0) }, at: 0)
        } catch { throw VarveError(error) }
        try tolerant { () throws(VarveError) in
            try runInTurn().addArtifact(path, name: name, step: Int(step))
            session.report.artifactsStored += 1
        }
    }

    /// A file that can't be kept costs itself; a full disk ends the import.
    private func tolerant(_ body: () throws(VarveError) -> Void) throws(VarveError) {
        do throws(VarveError) { try body() } catch {
            guard error.code == .limit || error.code == .invalid || error.code == .notFound else { throw error }
            session.report.add(error)
            skipped("artifacts that can't be read, or whose name can't be used")
        }
    }

    /// Whether a file is an artifact of the run already, and hasn't changed since; if not, it is one from now on.
    private func isThere(_ path: String, _ key: String) throws(VarveError) -> Bool {
        var there = if let artifactsThere { artifactsThere } else { try storedArtifacts() }
        defer { artifactsThere = there }
        let status: FileStatus?
        do throws(FileError) { status = try session.fileSystem.targetStatus(path) } catch { throw VarveError(error) }
        guard let status else { return false }
        if let mark = there[key], status.size == mark.size, status.modified < mark.time { return true }
        there[key] = ArtifactMark(size: status.size, time: RealHost().wallTime())
        return false
    }

    private func storedArtifacts() throws(VarveError) -> [String: ArtifactMark] {
        if case .points(let stored) = taken {
            return stored.artifacts.mapValues { ArtifactMark(size: $0.size, time: $0.time) }
        }
        guard let known else { return [:] }
        var marks: [String: ArtifactMark] = [:]
        for artifact in try session.snapshot().artifacts(of: known.info.id) where artifact.step == nil {
            marks[artifact.name] = ArtifactMark(size: artifact.size, time: artifact.time)
        }
        return marks
    }
}
