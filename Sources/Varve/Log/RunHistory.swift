import VarveFiles
import VarveFormat

/// What a writer has to know of the files that a run has already.
struct RunHistory {
    /// The first number that no file of the run has, in `logs/`, in the trash or in the index.
    var nextNumber: UInt32 = 1
    /// How each of its files began.
    var files: [BeginFrame] = []
    /// The highest revision of its properties.
    var revision: UInt64 = 0

    /// Of a run that is made now.
    init() {}

    init(of run: UniqueID, _ paths: RepositoryPaths, _ environment: Environment) throws(VarveError) {
        let names = try RunFiles.allNames(paths, environment.fileSystem)
        nextNumber = try filesystem { () throws(FileError) in try RunFiles.nextNumber(of: run, in: names) }
        // What the index holds of a file that was deleted must not be taken for another one's under the same name.
        let index = try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: nil, codec: ColumnCodec())
        for file in index.coverage.files(of: run) where index.coverage.n(ofFile: file) < .max {
            nextNumber = max(nextNumber, index.coverage.n(ofFile: file) + 1)
        }
        let zstd = Zstd()
        for text in names {
            guard let name = LogName(text) else { continue }
            switch name {
            case .log(run, _), .seal(run, _), .edit, .pack: break
            default: continue
            }
            let file: any OpenFile
            do throws(FileError) { file = try environment.fileSystem.open(paths.log(name), .read) } catch
                where error.code == .notFound || error.code.isNoFile
            {
                // In the trash, removed this instant, or no log at all.
                continue
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            let sections: [LogSection]
            do throws(VarveError) { sections = try Self.scan(file, name, run, zstd) } catch
                where error.code == .damaged || error.code == .unsupported
            {
                continue
            }
            for section in sections {
                if section.begin.run == run, !section.isSeal { files.append(section.begin) }
                // Those in packs have no names of their own.
                if section.begin.run == run, section.begin.n < .max {
                    nextNumber = max(nextNumber, section.begin.n + 1)
                }
                for property in section.properties where (property.run ?? section.begin.run) == run {
                    // Nobody counts that far; whoever wrote it leaves room for the next.
                    revision = max(revision, min(property.revision, UInt64(Int64.max)))
                }
            }
        }
    }

    /// What a file holds; of a pack that says what it holds, only the files of `run` and edits: a pack may have those of thousands.
    private static func scan(
        _ file: any OpenFile, _ name: LogName, _ run: UniqueID, _ zstd: Zstd
    ) throws(VarveError) -> [LogSection] {
        if name.isPack, let contents = PackContents(file, zstd: zstd) {
            let split = PackSplit(contents, only: run)
            if let sections = try split.scanRest(of: file, name, zstd: zstd) { return sections }
        }
        return try LogScanner.scan(file, name: name, zstd: zstd)
    }
}
