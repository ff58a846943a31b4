import VarveFiles
import VarveFormat

/// The beginning of a log file of which neither copy of `begin` is left, from what stands elsewhere.
///
/// The index keeps all that a `begin` says. With the salt that it names, each frame that is left proves itself, and the sequences prove
/// that none has moved. A seal of the file, or its journal, doesn't suffice: neither says when the file was begun, nor how durable it was.
/// The definitions of series that stood there come from a seal, which repeats them.
struct LostBegin {
    /// What the file begins with, twice.
    let frame: [UInt8]
    let identity: LogIdentity
    /// A frame of the definitions that a seal of the file repeats; empty: there is none.
    let definitions: [UInt8]
    let definedSeries: Set<UInt32>
    private let covered: CoveredFile

    /// Nil if the index has no file of this name, or has several.
    ///
    /// - Throws: `system` if the index can't be read.
    init?(
        of name: LogName, _ environment: Environment, _ paths: RepositoryPaths, repository: UniqueID
    ) throws(VarveError) {
        guard case .log(let run, let n) = name else { return nil }
        let index = try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: repository, codec: ColumnCodec())
        let known = index.coverage.files(named: name)
        guard known.count == 1 else { return nil }
        covered = known[0]
        identity = covered.identity
        let zstd = Zstd()
        let encoder = FrameEncoder(salt: identity.salt, zstd: zstd)
        frame = encoder.frame(.begin, payload: covered.begin.payload(), count: 1, sequence: 0)
        let sealed = Self.definitions(ofSeal: .seal(run: run, n: n), of: identity, environment, paths, zstd)
        definedSeries = Set(sealed.map(\.id))
        definitions =
            sealed.isEmpty
            ? []
            : encoder.frame(.define, payload: SeriesDefinition.payload(sealed), count: sealed.count, sequence: 0)
    }

    /// A seal that is gone or damaged repeats nothing.
    private static func definitions(
        ofSeal name: LogName, of source: LogIdentity, _ environment: Environment, _ paths: RepositoryPaths, _ zstd: Zstd
    ) -> [SeriesDefinition] {
        guard let file = try? environment.fileSystem.open(paths.log(name), .read) else { return [] }
        defer { file.close() }
        let sections = (try? LogScanner.scan(file, name: name, zstd: zstd)) ?? []
        return sections.first { $0.begin.source == source }?.definitions.values.sorted { $0.id < $1.id } ?? []
    }

    /// Whether a file that was put together with it has frames of this salt, each where the index takes it for: points that the index has
    /// stand before the offset up to which it has the file, the others behind.
    func isProved(by file: any OpenFile, name: LogName) -> Bool {
        guard let section = (try? LogScanner.scan(file, name: name, zstd: Zstd()))?.first,
            section.begin.identity == identity
        else { return false }
        let points = section.frames.filter { $0.kind == .points }
        return !points.isEmpty
            && points.allSatisfy {
                (UInt64($0.offset) < covered.offset) == ($0.sequences.lowerBound < covered.sequence)
            }
    }
}
