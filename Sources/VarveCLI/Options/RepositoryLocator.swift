import Glibc

/// Where the repository is: `--repo`, else VARVE_REPO, else the nearest one upwards, else `.varve` here.
struct RepositoryLocator {
    var option: String?
    var environment: String?
    var workingDirectory: String
    /// Whether a file is there.
    var exists: (String) -> Bool

    /// The locator of this process.
    init(option: String?) {
        self.init(
            option: option, environment: Terminal.environment("VARVE_REPO"), workingDirectory: Self.currentDirectory,
            exists: { access($0, F_OK) == 0 })
    }

    init(option: String?, environment: String?, workingDirectory: String, exists: @escaping (String) -> Bool) {
        self.option = option
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.exists = exists
    }

    /// The repository's path, whether or not it exists.
    var path: String {
        if let option { return repository(at: option) }
        if let environment, !environment.isEmpty { return repository(at: environment) }
        return nearest ?? ".varve"
    }

    /// A directory that somebody named, or the repository that it has as `.varve`: `--repo .` says what `cd` would.
    private func repository(at directory: String) -> String {
        let inner = directory.hasSuffix("/") ? "\(directory).varve" : "\(directory)/.varve"
        return !exists("\(directory)/varve.json") && exists("\(inner)/varve.json") ? inner : directory
    }

    /// The nearest directory upwards that is a repository or has one named `.varve`, relative to the working directory.
    private var nearest: String? {
        var directory = workingDirectory
        while true {
            let base = directory == "/" ? "" : directory
            if exists("\(base)/.varve/varve.json") { return shown("\(base)/.varve") }
            if exists("\(base)/varve.json") { return shown(directory) }
            guard directory.count > 1, let slash = directory.lastIndex(of: "/") else { return nil }
            directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
        }
    }

    /// The path as a person here would write it.
    private func shown(_ path: String) -> String {
        if path == workingDirectory { return "." }
        return path.hasPrefix(workingDirectory + "/") ? String(path.dropFirst(workingDirectory.count + 1)) : path
    }

    private static var currentDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
