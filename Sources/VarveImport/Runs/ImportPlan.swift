import Varve
import VarveFiles

/// The formats that are read.
public enum ImportFormat: String, Hashable, Sendable, CaseIterable {
    /// TensorBoard event files.
    case tensorboard
    /// Tables with a header: CSV, or with tabs.
    case csv
    /// JSON Lines: an object a line.
    case jsonl
}

/// Which files make which run.
///
/// Event files: the run is their directory, relative to the root (the root's own name for what stands in the root). Tables:
/// the run is the directory if the table is the only one in it, else the path without its extension. A last component that
/// is a context (``ContextRule``) belongs to the run above it; the root alone is never one, since nothing is above it. A
/// table that is imported alone is called as its file.
package struct ImportPlan {
    package struct Run {
        package var name: String
        package var files: [Source] = []
        /// Where files with params may lie: the run's own directory first.
        package var directories: [String] = []
    }

    package struct Source: Hashable, Sendable {
        package var file: SourceTree.File
        /// The context that the path gives.
        package var subset: String?
    }

    package private(set) var runs: [Run] = []

    package init(_ tree: SourceTree, _ format: ImportFormat, keepNames: Bool = false) {
        let files = tree.files.filter { Self.isSource($0.name, format) }
        let inDirectory = Dictionary(grouping: files, by: \.directory).mapValues(\.count)
        var places: [String: Int] = [:]
        for file in files {
            var path = file.directory.split(separator: "/").map(String.init)
            let stem = Self.stem(file.name)
            var subset: String?
            if tree.isFile, format != .tensorboard {
                path = [stem]
            } else if format != .tensorboard {
                subset = keepNames ? nil : ContextRule.subset(stem)
                if subset == nil, inDirectory[file.directory] != 1 { path.append(stem) }
            }
            if !keepNames, !tree.isFile, subset == nil, let last = path.last, let word = ContextRule.subset(last) {
                subset = word
                path.removeLast()
            }
            let name = path.isEmpty ? tree.rootName : path.joined(separator: "/")
            let source = Source(file: file, subset: subset)
            let directory = Paths.parent(file.path)
            // Event files of one run belong together, and tables only as its subsets: `a.csv` isn't `a/metrics.csv`.
            let key = format == .tensorboard || subset != nil ? name : name + "\u{0}" + file.relativePath
            if let place = places[key] {
                runs[place].files.append(source)
                if !runs[place].directories.contains(directory) { runs[place].directories.append(directory) }
            } else {
                places[key] = runs.count
                runs.append(Run(name: name, files: [source], directories: [directory]))
            }
        }
        for index in runs.indices {
            if format == .tensorboard { runs[index].files.sort(by: Self.eventFilesPrecede) }
            runs[index].directories.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        }
        distinguishNames()
    }

    /// Two runs that would be called the same are called by their files' full paths instead.
    private mutating func distinguishNames() {
        let uses = Dictionary(grouping: runs, by: \.name).mapValues(\.count)
        for index in runs.indices where uses[runs[index].name] ?? 0 > 1 {
            if let file = runs[index].files.first?.file.relativePath { runs[index].name = file }
        }
    }

    private static func isSource(_ name: String, _ format: ImportFormat) -> Bool {
        let lowered = name.lowercased()
        return switch format {
        case .tensorboard: lowered.contains("tfevents")
        case .csv: lowered.hasSuffix(".csv") || lowered.hasSuffix(".tsv")
        case .jsonl: lowered.hasSuffix(".jsonl") || lowered.hasSuffix(".ndjson")
        }
    }

    private static func stem(_ name: String) -> String {
        name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
    }

    /// Event files go by directory (a run's own, then its contexts), then by the time stamp in their names, then by name.
    private static func eventFilesPrecede(_ a: Source, _ b: Source) -> Bool {
        if a.file.directory != b.file.directory { return SourceTree.precedes(a.file.directory, b.file.directory) }
        let (x, y) = (timeStamp(a.file.name), timeStamp(b.file.name))
        if x != y { return x < y }
        return SourceTree.precedes(a.file.name, b.file.name)
    }

    /// `1589601848` of `events.out.tfevents.1589601848.host.v2`; 0 if there is none.
    private static func timeStamp(_ name: String) -> UInt64 {
        guard let at = name.split(separator: ".").firstIndex(where: { $0.lowercased() == "tfevents" }) else { return 0 }
        let parts = name.split(separator: ".")
        return at + 1 < parts.count ? UInt64(parts[at + 1]) ?? 0 : 0
    }
}
