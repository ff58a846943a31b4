import VarveFiles
import VarveFormat

/// Builds segments from logs, merges them, and sweeps up.
///
/// Each step is one segment and then one manifest: whatever happens in between, the index is what the highest whole
/// manifest says, and what isn't in it is read from the logs. Any number of compactors may run at once: who comes second
/// with a manifest keeps his segment if it still fits, else throws it away.
package struct Compactor {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let repository: UniqueID
    private let store: ManifestStore

    package init(_ environment: Environment, _ paths: RepositoryPaths, repository: UniqueID) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
        store = ManifestStore(
            fileSystem: environment.fileSystem, host: environment.host, directory: paths.index, repository: repository)
    }

    /// Does what there is to do, within the limits of the options; ``CompactionReport/didWork`` says whether there was any.
    package func runOnce(_ options: CompactionOptions = CompactionOptions()) throws(VarveError) -> CompactionReport {
        guard !paths.isBare else {
            throw VarveError(
                .invalid, "a bare folder of log files has no index", file: paths.root,
                remedy: "make a repository with `varve init` and move the files into its logs/")
        }
        try filesystem { () throws(FileError) in try environment.fileSystem.makeDirectory(paths.index) }
        let codec = ColumnCodec()
        let inventory = try LogInventory(paths, environment.fileSystem, zstd: codec.zstd)
        let index = try store.open(codec: codec)
        var foreign: [VarveError] = []
        let candidates = try inventory.candidates(index.coverage, &foreign)
        var pass = CompactionPass(
            environment: environment, paths: paths, repository: repository, store: store, options: options,
            codec: codec, inventory: inventory, index: index, problems: foreign)
        let isWorthBuilding = !candidates.isEmpty && candidates.count { !$0.isLive } >= options.minimumFiles
        if isWorthBuilding || pass.hasMerges {
            let lease = Lease(environment, index: paths.index)
            guard lease.take(givesWay: options.givesWay) else { return pass.report }
            defer { lease.release() }
            if isWorthBuilding { try pass.build(candidates, lease) }
            try pass.merge(lease)
        }
        try pass.sweep()
        return pass.report
    }
}
