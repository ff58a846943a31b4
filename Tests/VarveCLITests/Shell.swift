import Foundation
import Testing

/// A user at a shell, in an empty directory, with the built program in their path.
final class Shell {
    /// Where the user is; removed at the end.
    let directory: String

    struct Result {
        var output: String
        var errors: String
        var code: Int32

        /// The lines of the output, without the last line's end.
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    init() throws {
        directory = NSTemporaryDirectory() + "varve-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Runs a command line; it is killed after a minute, or as many seconds as are given.
    @discardableResult
    func run(_ command: String, input: String = "", seconds: Int = 60) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["-s", "KILL", "\(seconds)", "/bin/bash", "-c", command]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        var environment = ProcessInfo.processInfo.environment
        for name in ["VARVE_REPO", "VARVE_ATTEMPT", "VARVE_RUN_ID", "COLUMNS"] { environment[name] = nil }
        environment["PATH"] = Self.products + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        process.environment = environment
        let names = ["in", "out", "err"].map { "\(directory)/../\((directory as NSString).lastPathComponent).\($0)" }
        defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
        for (name, text) in zip(names, [input, "", ""]) { try Data(text.utf8).write(to: URL(fileURLWithPath: name)) }
        let files = [
            try #require(FileHandle(forReadingAtPath: names[0])), try #require(FileHandle(forWritingAtPath: names[1])),
            try #require(FileHandle(forWritingAtPath: names[2])),
        ]
        process.standardInput = files[0]
        process.standardOutput = files[1]
        process.standardError = files[2]
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: name)), as: UTF8.self)
        }
        return Result(output: try text(names[1]), errors: try text(names[2]), code: process.terminationStatus)
    }

    /// Runs a command line that must succeed without complaint.
    @discardableResult
    func succeed(_ command: String, input: String = "") throws -> Result {
        let result = try run(command, input: input)
        #expect(result.code == 0, "\(command)\n\(result.output)\n\(result.errors)")
        #expect(result.errors == "", "\(command)")
        return result
    }

    /// The built program.
    static let program = products + "/varve"

    /// The folder of the built products: where the tests themselves were started from.
    private static let products: String = {
        let places = (["/proc/self/exe"] + CommandLine.arguments).map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath()
        }
        let folders = places.map { $0.deletingLastPathComponent().path }
        return folders.first { FileManager.default.isExecutableFile(atPath: $0 + "/varve") } ?? "."
    }()
}
