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
        let all = try LogParts(of: nil, environment, paths)
        let packs = Set(all.parts.lazy.filter { $0.isPacked && runs.contains($0.begin.run) }.map(\.place))
        guard !packs.isEmpty else { return (0, 0) }
        for part in all.parts where packs.contains(part.place) {
            if let problem = part.problems.first { throw problem }
        }
        var report = (files: 0, bytes: 0)
        for part in all.parts where packs.contains(part.place) && runs.contains(part.begin.run) {
            let path = Paths.join(folder, "\(part.name)")
            do throws(FileError) {
                let source = try fileSystem.open(paths.log(part.place), .read)
                defer { source.close() }
                _ = try fileSystem.publish(
                    path, from: Paths.temporary(for: path, tag: environment.host.random())
                ) { file throws(FileError) in try source.copy(part.range, to: file, at: 0) }
            } catch {
                throw VarveError(error)
            }
            report.files += 1
            report.bytes += part.range.count
        }
        let elsewhere = Dictionary(
            all.parts.lazy.filter { !packs.contains($0.place) }.map { ($0.begin.identity, $0.range.count) },
            uniquingKeysWith: max)
        for pack in packs.sorted(by: { "\($0)" < "\($1)" }) {
            let rest = all.parts.filter { part in
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
        return report
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
