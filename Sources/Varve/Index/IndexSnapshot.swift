import VarveFiles
import VarveFormat

/// The index as one manifest states it, with all its segments open.
///
/// Immutable. The segments stay readable as long as the snapshot lives, though a compactor may unlink them meanwhile.
package final class IndexSnapshot: Sendable {
    package let directory: String
    /// Nil: there is no index, and every point is read from the logs.
    package let manifest: Manifest?
    /// Those segments of the manifest that could be opened, in its order. What others held is read from the logs.
    package let segments: [SegmentReader]
    /// Of `segments`, in that order.
    package let coverage: CoverageMap
    /// Manifests and segments that are damaged.
    package let problems: [VarveError]
    /// The highest number that a manifest's name has, valid or not; the next one is higher.
    package let highestNumber: UInt64

    private init(
        directory: String, manifest: Manifest?, segments: [SegmentReader], problems: [VarveError], highestNumber: UInt64
    ) {
        self.directory = directory
        self.manifest = manifest
        self.segments = segments
        self.problems = problems
        self.highestNumber = highestNumber
        coverage = CoverageMap(segments.map(\.coverage))
    }

    /// The same without segments that turned out to be damaged: as if they had not opened.
    package func without(_ damaged: [UniqueID: VarveError]) -> IndexSnapshot {
        IndexSnapshot(
            directory: directory, manifest: manifest, segments: segments.filter { damaged[$0.id] == nil },
            problems: problems + segments.compactMap { damaged[$0.id] }, highestNumber: highestNumber)
    }

    /// An index that holds nothing, as if there were none.
    package static func none(directory: String) -> IndexSnapshot {
        IndexSnapshot(directory: directory, manifest: nil, segments: [], problems: [], highestNumber: 0)
    }

    /// What the manifest says of the segments that are open, in their order.
    package var entries: [ManifestEntry] {
        let open = Set(segments.map(\.id))
        return (manifest?.segments ?? []).filter { open.contains($0.id) }
    }

    /// Opens the index: the highest manifest that is valid and whose segments are all there.
    ///
    /// - Parameters:
    ///   - repository: manifests of another one are passed over; nil: any counts (a bare folder has no ID).
    ///   - previous: segments that it has open are shared, not opened again.
    package static func open(
        _ fileSystem: any FileSystem, directory: String, repository: UniqueID?, reusing previous: IndexSnapshot? = nil,
        codec: ColumnCodec
    ) throws(VarveError) -> IndexSnapshot {
        // A manifest may be swept between the listing and the reading; then a newer one is there.
        var attempt = 0
        while true {
            attempt += 1
            let numbers = try manifestNumbers(fileSystem, directory)
            var problems: [VarveError] = []
            var wasSwept = false
            for number in numbers {
                let path = Paths.join(directory, Manifest.fileName(number))
                let manifest: Manifest
                do throws(VarveError) {
                    guard let read = try readManifest(fileSystem, path) else {
                        wasSwept = true
                        continue
                    }
                    manifest = read
                    try check(manifest, number: number, repository: repository, path: path)
                } catch {
                    problems.append(error)
                    continue
                }
                let opened = try open(manifest, fileSystem, directory, previous, codec, &problems)
                guard let segments = opened else {
                    wasSwept = true
                    continue
                }
                if wasSwept && attempt < 3 { break }
                return IndexSnapshot(
                    directory: directory, manifest: manifest, segments: segments, problems: problems,
                    highestNumber: numbers.first ?? 0)
            }
            if wasSwept && attempt < 3 { continue }
            return IndexSnapshot(
                directory: directory, manifest: nil, segments: [], problems: problems,
                highestNumber: numbers.first ?? 0)
        }
    }

    /// The numbers of all manifests, highest first.
    static func manifestNumbers(
        _ fileSystem: any FileSystem, _ directory: String
    ) throws(VarveError) -> [UInt64] {
        do throws(FileError) {
            return try fileSystem.list(directory).compactMap(Manifest.number(of:)).sorted(by: >)
        } catch {
            if error.code == .notFound { return [] }
            throw VarveError(error)
        }
    }

    /// The manifest at a path; nil if it is gone.
    static func readManifest(_ fileSystem: any FileSystem, _ path: String) throws(VarveError) -> Manifest? {
        let cap = FormatConstants.manifestHeaderBytes + FormatConstants.maxSegments * FormatConstants.manifestEntryBytes
        let bytes: [UInt8]
        do throws(FileError) { bytes = try fileSystem.readAll(path, cap: cap) } catch {
            if error.code == .notFound { return nil }
            throw VarveError(error)
        }
        do throws(FormatError) { return try Manifest(parsing: bytes.span.bytes) } catch {
            throw VarveError(error.located(in: path))
        }
    }

    private static func check(
        _ manifest: Manifest, number: UInt64, repository: UniqueID?, path: String
    ) throws(VarveError) {
        guard manifest.number == number else {
            throw VarveError(
                FormatError(
                    .corrupt, at: 32, expected: "manifest \(number)", found: "\(manifest.number)", file: path))
        }
        if let repository, manifest.repository != repository {
            throw VarveError(
                FormatError(
                    .corrupt, at: 16, expected: "a manifest of repository \(repository)",
                    found: "\(manifest.repository)", file: path))
        }
    }

    /// Opens all segments; nil if one is missing.
    private static func open(
        _ manifest: Manifest, _ fileSystem: any FileSystem, _ directory: String, _ previous: IndexSnapshot?,
        _ codec: ColumnCodec, _ problems: inout [VarveError]
    ) throws(VarveError) -> [SegmentReader]? {
        var known: [UniqueID: SegmentReader] = [:]
        for segment in previous?.segments ?? [] { known[segment.id] = segment }
        var segments: [SegmentReader] = []
        var found: [VarveError] = []
        for entry in manifest.segments {
            if let reader = known[entry.id] {
                segments.append(reader)
                continue
            }
            let path = Paths.join(directory, entry.fileName)
            if try filesystem({ () throws(FileError) in try fileSystem.status(path) }) == nil { return nil }
            do throws(VarveError) {
                segments.append(try SegmentReader(fileSystem, directory: directory, entry: entry, codec: codec))
            } catch {
                // A damaged segment costs a reading of logs, not the index.
                found.append(error)
            }
        }
        problems += found
        return segments
    }
}
