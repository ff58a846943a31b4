import Glibc
import Varve

/// What is known of a command beside what it prints: where it runs, as whom, and of which code.
struct ExecFacts {
    /// `process.…` by key.
    private(set) var properties: [String: PropertyValue] = [:]
    /// What isn't committed, as a patch.
    private(set) var diff: [UInt8] = []

    private static let mostDiffBytes = 16 << 20

    /// - Parameter variables: names of environment variables that may be kept; others never are.
    init(_ command: [String], variables: [String]) {
        properties["process.command"] = .json(JSONValue.array(command.map { .string($0) }).text)
        if let path = getcwd(nil, 0) {
            properties["process.directory"] = .string(String(cString: path))
            free(path)
        }
        var name = [CChar](repeating: 0, count: 256)
        if gethostname(&name, name.count - 1) == 0 { properties["process.host"] = .string(Self.text(name)) }
        if let entry = getpwuid(getuid()), let user = entry.pointee.pw_name {
            properties["process.user"] = .string(String(cString: user))
        }
        for variable in variables {
            if let value = Terminal.environment(variable) { properties["process.env.\(variable)"] = .string(value) }
        }
        addGit()
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Nothing where git isn't, or the directory is in no work tree.
    private mutating func addGit() {
        guard let commit = Self.git("rev-parse", "HEAD") else { return }
        properties["process.git.commit"] = .string(commit.text)
        if let branch = Self.git("symbolic-ref", "--short", "-q", "HEAD") {
            properties["process.git.branch"] = .string(branch.text)
        }
        if let status = Self.git("status", "--porcelain", "--untracked-files=normal") {
            let lines = status.text.split(separator: "\n")
            properties["process.git.dirty"] = .bool(lines.contains { !$0.hasPrefix("??") })
            properties["process.git.untracked"] = .int(Int64(lines.count { $0.hasPrefix("??") }))
        }
        // No program that the repository's own settings name is run.
        let words = ["diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short"]
        if let found = Self.git(words, mostBytes: Self.mostDiffBytes), !found.bytes.isEmpty {
            diff = found.bytes
            if found.isTruncated { properties["process.git.diff_is_cut_off"] = true }
        }
    }

    private static func git(_ words: String...) -> CapturedCommand.Output? { git(words) }

    private static func git(_ words: [String], mostBytes: Int = 1 << 20) -> CapturedCommand.Output? {
        let command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.pager=cat"] + words
        return CapturedCommand.run(command, mostBytes: mostBytes).flatMap { $0.isSuccess ? $0 : nil }
    }

    /// What `pip freeze` of the Python in PATH says; nil: there is none.
    static func packages() -> [UInt8]? {
        for python in ["python", "python3"] {
            let words = [python, "-m", "pip", "freeze", "--disable-pip-version-check"]
            if let found = CapturedCommand.run(words, mostBytes: 4 << 20, seconds: 60), found.isSuccess {
                return found.bytes
            }
        }
        return nil
    }
}
