import VarveFiles
import VarveFormat

/// Unlinks what no reader needs any more in `index/`.
///
/// A reader lists the folder, reads a manifest and opens its segments; from then on it has them open. So what any manifest
/// of the last 10 minutes names stays: the manifest that counts, and those that were replaced since. Segments that an older
/// manifest names go at once; those that none names (of a compactor that died, or is about to commit) and temporary
/// files once they are 24 hours old.
struct Sweeper {
    private let fileSystem: any FileSystem
    private let directory: String
    private let now: Int64
    private static let grace: Int64 = 600_000_000_000
    private static let day: Int64 = 86_400_000_000_000

    init(_ fileSystem: any FileSystem, directory: String, now: Int64) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.now = now
    }

    /// Sweeps beside the index as it is now; manifests that are newer still, whole or not, keep what they name.
    func sweep(current: Manifest) throws(VarveError) {
        let names = try filesystem { () throws(FileError) in try fileSystem.list(directory) }
        var kept = Set(current.segments.map(\.id))
        var replaced = Set<UniqueID>()
        var oldManifests: [String] = []
        // From the newest down: each was replaced when the one above it was made.
        var replacedAt = current.created
        for number in names.compactMap(Manifest.number(of:)).sorted(by: >) where number != current.number {
            let name = Manifest.fileName(number)
            let path = Paths.join(directory, name)
            guard let manifest = try? IndexSnapshot.readManifest(fileSystem, path) else {
                if try age(path) > Self.day { oldManifests.append(name) }
                continue
            }
            if number > current.number {
                kept.formUnion(manifest.segments.map(\.id))
                continue
            }
            if now - replacedAt > Self.grace {
                replaced.formUnion(manifest.segments.map(\.id))
                oldManifests.append(name)
            } else {
                kept.formUnion(manifest.segments.map(\.id))
            }
            replacedAt = manifest.created
        }
        // Segments first: a crash in between leaves manifests that are not whole, and don't count.
        for name in names {
            let path = Paths.join(directory, name)
            if name.hasPrefix(".") {
                if name != ".lease", try age(path) > Self.day { try unlink(path) }
            } else if name.hasSuffix(".vseg"), let id = UniqueID(name.dropLast(5)), !kept.contains(id) {
                let isOld = try age(path) > Self.day
                if isOld || replaced.contains(id) { try unlink(path) }
            }
        }
        for name in oldManifests { try unlink(Paths.join(directory, name)) }
    }

    /// Nanoseconds since the file was written; 0 if it is gone, or no file: what isn't ours stays.
    private func age(_ path: String) throws(VarveError) -> Int64 {
        let status = try filesystem { () throws(FileError) in try fileSystem.status(path) }
        guard let status, status.kind == .file else { return 0 }
        return now - status.modified
    }

    private func unlink(_ path: String) throws(VarveError) {
        try filesystem { () throws(FileError) in
            do throws(FileError) { try fileSystem.unlink(path) } catch  where error.code == .isDirectory {}
        }
    }
}
