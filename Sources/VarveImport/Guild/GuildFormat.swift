import Varve
import VarveFiles
import VarveYAML

/// Runs of Guild AI: directories with `.guild/opref`, attributes as YAML in `.guild/attrs`, and TensorBoard event files, into
/// which Guild writes the scalars that it finds in the output.
package struct GuildFormat: StoreFormat {
    package let name = "guild"
    package let title = "runs of Guild AI"
    package let signs = "directories with .guild/opref"

    static let hidden = ".guild"
    static let opref = "opref"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        for hidden in tree.hiddenNames where Paths.lastComponent(hidden) == Self.hidden {
            let path = Paths.join(tree.rootPath, hidden)
            guard let inner = try? SourceTree(path, in: place.fileSystem),
                let opref = inner.files.first(where: { $0.relativePath == Self.opref })
            else { continue }
            let directory = Paths.parent(hidden) == "." ? "" : Paths.parent(hidden)
            func within(_ file: SourceTree.File) -> SourceTree.File {
                var file = file
                file.relativePath = Paths.join(hidden, file.relativePath)
                return file
            }
            let isOutside = { (file: SourceTree.File) in
                directory.isEmpty || file.directory == directory || file.directory.beginsWithBytes(of: directory + "/")
            }
            let events =
                inner.files.filter { TensorBoardFormat.isEvents($0.name) }.map(within)
                + tree.files.filter { TensorBoardFormat.isEvents($0.name) && isOutside($0) }
            var sources = [ImportSource(file: within(opref))]
            for file in events {
                let last = Paths.lastComponent(file.directory)
                let subset = place.options.keepNames ? nil : ContextRule.subset(last)
                sources.append(ImportSource(file: file, subset: subset))
            }
            plan.claims.directories.insert(hidden)
            plan.claims.files.formUnion([hidden] + events.map(\.relativePath))
            let name = directory.isEmpty ? tree.rootName : directory
            plan.runs.append(ImportPlan.Run(name: name, sources: sources, identity: Self.id(path, place)))
        }
        return plan
    }

    /// The run's own ID, 32 digits.
    private static func id(_ path: String, _ place: ImportPlace) -> String? {
        let file = Paths.join(path, "attrs/id")
        guard let bytes = try? place.fileSystem.readAll(file, cap: 256, .readLinked) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { $0.isHexDigit }
        return text.utf8.count == 32 ? text : nil
    }

    package func open(_ place: ImportPlace) -> any StoreReader { GuildReader(place) }
}

/// Reads such runs.
private final class GuildReader: StoreReader {
    private let place: ImportPlace
    private static let maxBytes = 64 << 20

    init(_ place: ImportPlace) { self.place = place }

    func version(of source: ImportSource) -> UInt64? {
        if source.file.name == GuildFormat.opref {
            return SourceVersion(ofFolder: Paths.parent(source.file.path), in: place.fileSystem)?.value
        }
        var version = SourceVersion()
        version.add(source.file)
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        if source.file.name == GuildFormat.opref { return try facts(source, sink) }
        let bytes = FileSource(source.file.path, name: source.file.relativePath, in: place.fileSystem)
        defer { bytes.close() }
        var events = EventFileReader(file: source.file.relativePath, into: sink)
        try events.read(bytes)
    }

    private func facts(_ source: ImportSource, _ sink: any RunSink) throws(VarveError) {
        let hidden = Paths.parent(source.file.path)
        func attribute(_ name: String) -> JSONValue? {
            let file = Paths.join(hidden, "attrs/" + name)
            guard let bytes = content(file, source, sink), !bytes.isEmpty else { return nil }
            do throws(VarveError) {
                return try YAMLText.json(String(decoding: bytes, as: UTF8.self), "the attribute \(name)")
            } catch {
                sink.problem(ImportProblem(error, in: Paths.join(source.file.directory, "attrs/" + name)))
                return nil
            }
        }
        if let flags = attribute("flags")?.objectValue, !flags.isEmpty {
            for (key, value) in PropertyValue.flatten(.object(flags), under: "params") { sink.property(key, value) }
        }
        // `TYPE:SOURCE VERSION MODEL OPERATION`, of which the last names what was run.
        if let opref = content(source.file.path, source, sink) {
            let words = String(decoding: opref, as: UTF8.self).split { $0 == " " || $0 == "\n" }
            if let operation = words.last { sink.property("guild.operation", .string(String(operation))) }
        }
        let texts: [(String, String)] = [("label", "name"), ("comments", "note"), ("host", "host")]
        for (name, key) in texts {
            guard let text = attribute(name)?.stringValue, !text.isEmpty else { continue }
            sink.property(key, .string(text))
        }
        for tag in attribute("tags")?.arrayValue?.compactMap(\.stringValue) ?? [] { sink.property("tags." + tag, true) }
        for name in ["random_seed", "cmd", "sourcecode_digest", "user_flags"] {
            guard let value = attribute(name), value != .null else { continue }
            sink.property("guild." + name, PropertyValue(value))
        }
        let times = ["started", "stopped"].map { attribute($0).flatMap(JSONKeys.time) }
        sink.lasted(from: times[0], to: times[1])
        switch attribute("exit_status").flatMap(JSONKeys.step) {
        case 0: sink.ended(.finished)
        case let code? where code < 0 || code == 130 || code == 137 || code == 143: sink.ended(.killed)
        case .some: sink.ended(.failed)
        case nil: sink.ended(.running)
        }
        if let output = content(Paths.join(hidden, "output"), source, sink) {
            var lines = ConsoleLines()
            let text = String(decoding: output, as: UTF8.self)
            try lines.take(text, channel: "stdout", step: 0, time: WallTime.none, sink)
            try lines.finish(step: 0, sink)
        }
    }

    /// A file's bytes; nil if there is none. What is there and can't be read is told.
    private func content(_ path: String, _ source: ImportSource, _ sink: any RunSink) -> [UInt8]? {
        do throws(FileError) {
            guard try place.fileSystem.targetStatus(path)?.kind == .file else { return nil }
            return try place.fileSystem.readAll(path, cap: Self.maxBytes, .readLinked)
        } catch {
            sink.problem(ImportProblem(VarveError(error), in: source.file.relativePath))
            return nil
        }
    }
}
