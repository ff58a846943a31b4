import Varve
import VarveFiles

/// Which sources make which run, as a format found them below a path.
package struct ImportPlan {
    package struct Run {
        package var name: String
        package var sources: [ImportSource] = []
        /// Where files with params may lie: the run's own directory first.
        package var directories: [String] = []
        /// What other tools call the run, if that is unique in the world (a UUID): it is known again by it wherever it lies.
        package var identity: String?

        package init(
            name: String, sources: [ImportSource], directories: [String] = [], identity: String? = nil
        ) {
            self.name = name
            self.sources = sources
            self.directories = directories
            self.identity = identity
        }

        /// How many bytes it is made of, where that isn't the size of its files.
        package var bytes: Int?

        /// By this a follower knows the run again from pass to pass.
        var key: String { sources.first?.id ?? name }

        var size: Int { bytes ?? sources.reduce(0) { $0 + $1.file.size } }
    }

    package var runs: [Run] = []
    /// What belongs to this format, and to no other that comes later.
    package var claims = SourceTree.Claims()
    /// What was seen and not taken, and how to have it taken: whole sentences without a full stop.
    package var notes: [String] = []
    package var problems: [VarveError] = []

    package init() {}

    /// Two runs that would be called the same are called by their files' full paths instead.
    package mutating func distinguishNames() {
        let uses = Dictionary(grouping: runs, by: \.name).mapValues(\.count)
        for index in runs.indices where uses[runs[index].name] ?? 0 > 1 {
            if let file = runs[index].sources.first?.file.relativePath { runs[index].name = file }
        }
    }

    /// Claims every file that a run is made of.
    package mutating func claimSources() {
        for run in runs { for source in run.sources { claims.files.insert(source.file.relativePath) } }
    }
}

/// One thing that is read: a file, or one of the parts of a store.
package struct ImportSource: Hashable, Sendable {
    /// The file; of a store its file or directory.
    package var file: SourceTree.File
    /// Which of a store's runs, in the store's own words.
    package var key: String?
    /// The context that the path gives.
    package var subset: String?

    package init(file: SourceTree.File, key: String? = nil, subset: String? = nil) {
        self.file = file
        self.key = key
        self.subset = subset
    }

    /// By what it is known again within its root.
    package var id: String { key.map { "\(file.relativePath)#\($0)" } ?? file.relativePath }
}
