import VarveFiles
import VarveFormat

extension Repository {
    /// Takes the files of runs out of packs: into files of their own in `folder`; what is left stands in a new pack.
    ///
    /// Interrupted, the runs are still in the old pack, and a repetition finishes it: what a new pack has already isn't packed a
    /// second time.
    /// - Returns: the files and their bytes.
    func unpack(_ runs: Set<UniqueID>, to folder: String) throws(VarveError) -> (files: Int, bytes: Int) {
        let fileSystem = environment.fileSystem
        let packed = try LogParts(of: nil, environment, paths) { $0.isPack }.parts
        let packs = Set(packed.lazy.filter { runs.contains($0.begin.run) }.map(\.place))
        guard !packs.isEmpty else { return (0, 0) }
        for part in packed where packs.contains(part.place) {
            if let problem = part.problems.first { throw problem }
        }
        let leaving = packed.filter { packs.contains($0.place) && runs.contains($0.begin.run) }
        // What is there already an interrupted removal left.
        _ = try leaving.publish(from: self, to: folder, environment)
        // A copy of a file bears the name of its run.
        let kept = Set(packed.lazy.filter { packs.contains($0.place) }.map(\.begin.run)).subtracting(runs)
        let alone = try LogParts(of: kept, environment, paths) { !$0.isPack }.parts
        let elsewhere = Dictionary(
            (alone + packed.filter { !packs.contains($0.place) }).lazy.map { ($0.begin.identity, $0.range.count) },
            uniquingKeysWith: max)
        for pack in packs.sorted(by: { "\($0)" < "\($1)" }) {
            let rest = packed.filter { part in
                part.place == pack && !runs.contains(part.begin.run)
                    && (elsewhere[part.begin.identity] ?? 0) < part.range.count
            }
            if !rest.isEmpty { _ = try PackWriter(environment, paths).publish(rest) }
            do throws(FileError) {
                try fileSystem.unlink(paths.log(pack))
                try fileSystem.syncDirectory(paths.logs)
            } catch {
                throw VarveError(error)
            }
        }
        return (leaving.count, leaving.reduce(0) { $0 + $1.range.count })
    }

    /// The runs of which files stand in packs.
    func packedRuns() throws(VarveError) -> Set<UniqueID> { Set(try packedBytes().keys) }

    /// The runs of which files stand in packs, with the bytes of these.
    func packedBytes() throws(VarveError) -> [UniqueID: Int] {
        let fileSystem = environment.fileSystem
        let names = try filesystem { () throws(FileError) in try fileSystem.list(paths.logs) }.compactMap(LogName.init)
        var bytes: [UniqueID: Int] = [:]
        for name in names {
            // Of one that can't be read nobody sees a run, either.
            guard case .pack = name, let file = try? fileSystem.open(paths.log(name), .read) else { continue }
            defer { file.close() }
            if let contents = PackContents(file, zstd: Zstd()) {
                for file in contents.files { bytes[file.identity.run, default: 0] += Int(clamping: file.bytes) }
                continue
            }
            let sections = (try? LogScanner.scan(file, name: name, kinds: SeriesKinds(), zstd: Zstd())) ?? []
            for section in sections { bytes[section.begin.run, default: 0] += section.endOffset }
        }
        bytes[.zero] = nil
        return bytes
    }
}
