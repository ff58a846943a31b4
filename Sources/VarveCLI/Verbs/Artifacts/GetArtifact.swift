import ArgumentParser
import Glibc
import Varve

struct GetArtifact: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Copy artifacts out of the repository.",
        discussion: """
            NAME and NAME:latest mean the last version, NAME:v2 that one, FOLDER/ all that is below, --all everything. A file gets \
            its name once all of it is there and its hash is right; one that is there already with the same content is left.

            Examples:
              varve artifact get baseline model.pt -o best.pt
              varve artifact get baseline figures/ -o out
              varve artifact get baseline config.json -o -
            """)

    @OptionGroup var of: ArtifactRun

    @Argument(help: ArgumentHelp("What to copy: NAME, NAME:VERSION or FOLDER/.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "All artifacts of the run, each in its last version.")
    var all = false

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp(
            "The file, - for standard output; or the folder, if it is one or several are copied (default: .).",
            valueName: "path"))
    var output: String?

    @Flag(help: "Put them in the place of files that are there.")
    var force = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if all == !names.isEmpty { throw ValidationError("say what to copy: names, or --all") }
    }

    func run() throws {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        let run = try snapshot.run(of.wanted)
        let artifacts = try snapshot.artifacts(of: run.id)
        var isMany = all
        var chosen: [Artifact] = all ? artifacts.latest : []
        for name in names {
            if let one = artifacts.named(name) {
                chosen.append(one)
                continue
            }
            let below = artifacts.inFolder(name)
            guard !below.isEmpty else { throw artifacts.nothing(name) }
            isMany = true
            chosen += below
        }
        guard !chosen.isEmpty else { throw Refusal("the run has no artifacts") }
        isMany = isMany || chosen.count > 1
        let bar = ProgressBar("copying")
        defer { bar.end() }
        var done = 0
        let total = chosen.reduce(0) { $0 + $1.size }
        try Interruption.guarding(true) { interruption in
            let progress = { (bytes: Int) throws(VarveError) in
                done += bytes
                bar.update(Progress(unit: "bytes", done: done, total: total))
                try interruption.check()
            }
            if output == "-" {
                guard !isMany else { throw Refusal("error: standard output has room for one artifact", code: 2) }
                let stream = OutputStream()
                try repository.readArtifact(chosen[0], progress: progress) { try stream.append($0) }
                return try stream.flush()
            }
            for artifact in chosen {
                let path = try place(of: artifact, isMany: isMany)
                try copy(artifact, to: path, repository, progress)
            }
        }
    }

    private func copy(
        _ artifact: Artifact, to path: String, _ repository: Repository,
        _ progress: (Int) throws(VarveError) -> Void
    ) throws {
        do throws(VarveError) {
            try repository.copyArtifact(artifact, to: path, replaces: force, progress: progress)
        } catch {
            guard error.code == .exists else { throw error }
            guard LocalFile.sha256(path) == artifact.sha256 else {
                throw VarveError(
                    .exists, "\(path) is there with another content", remedy: "--force puts the artifact in its place")
            }
            return printNote("\(path): there already")
        }
        printNote("\(path): \(HumanText.bytes(artifact.size))")
    }

    /// Where an artifact goes: names lead nowhere but below the folder.
    private func place(of artifact: Artifact, isMany: Bool) throws -> String {
        var folder = output ?? "."
        if !isMany {
            guard let output else { return LocalFile.component(artifact.name) }
            if !LocalFile.isDirectory(output), !output.hasSuffix("/") { return output }
            return "\(folder)/\(LocalFile.component(artifact.name))"
        }
        var parts = artifact.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(0) }) else {
            throw VarveError(
                .invalid, "'\(artifact.name)' can't be a file's name below a folder",
                remedy: "-o FILE gives it another name")
        }
        let last = parts.removeLast()
        if let output { try LocalFile.makeDirectory(output) }
        for part in parts {
            folder += "/\(part)"
            try LocalFile.makeDirectory(folder)
        }
        return "\(folder)/\(last)"
    }
}

/// Files of the user's, beside the repository.
enum LocalFile {
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a directory, unless it is there.
    static func makeDirectory(_ path: String) throws(VarveError) {
        guard mkdir(path, 0o777) != 0, errno != EEXIST || !isDirectory(path) else { return }
        throw VarveError(.system, "can't make the directory \(path): \(String(cString: strerror(errno)))")
    }

    /// The last component of an artifact's name, if it can be a file's.
    static func component(_ name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        return last.isEmpty || last == "." || last == ".." || last.utf8.contains(0) ? "artifact" : last
    }

    /// SHA-256 of a file in hexadecimal; nil if it can't be read.
    static func sha256(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var hash = ContentHash()
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return hash.text }
            hash.update(buffer[..<count])
        }
    }
}
