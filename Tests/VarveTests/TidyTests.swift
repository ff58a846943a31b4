import Glibc
import Testing

/// Shows that the house rules hold, by reading the sources: what a reviewer would otherwise have to look for by hand.
/// Each
/// rule says what to do instead.
struct TidyTests {
    /// The package's folder, from where this file stands.
    private static let root = String(#filePath.dropLast("/Tests/VarveTests/TidyTests.swift".count))

    private struct Line: CustomStringConvertible {
        var file: String
        var number: Int
        var text: Substring
        var description: String { "\(file):\(number): \(text)" }

        /// Without comments and the text of one-line literals, so that only code is looked at.
        var code: String {
            var code = ""
            var isQuoted = false
            var before: Character = " "
            for character in text {
                if character == "\"", before != "\\" { isQuoted.toggle() }
                if !isQuoted, before == "/", character == "/" { return String(code.dropLast()) }
                if !isQuoted { code.append(character) }
                before = character
            }
            return code
        }
    }

    private static func swiftFiles(_ folders: String...) throws -> [(path: String, lines: [Line])] {
        var found: [(path: String, lines: [Line])] = []
        func walk(_ folder: String) throws {
            let directory = try #require(opendir("\(root)/\(folder)"), "\(folder)")
            defer { closedir(directory) }
            var names: [String] = []
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                // The code of tutorials belongs to no module.
                if !name.hasPrefix("."), !name.hasSuffix(".docc") { names.append(name) }
            }
            for name in names.sorted() {
                let path = "\(folder)/\(name)"
                var status = stat()
                guard stat("\(root)/\(path)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    try walk(path)
                } else if name.hasSuffix(".swift") {
                    let text = try #require(Self.text("\(root)/\(path)"), "\(path)")
                    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                    found.append(
                        (path, lines.enumerated().map { Line(file: path, number: $0.offset + 1, text: $0.element) }))
                }
            }
        }
        for folder in folders { try walk(folder) }
        return found
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Foundation costs start-up time and megabytes, and its Data traps where it should throw.
    @Test func engineDoesWithoutFoundation() throws {
        for file in try Self.swiftFiles("Sources/VarveFormat", "Sources/VarveFiles", "Sources/Varve") {
            for line in file.lines
            where line.code.contains("import Foundation") || line.code.contains("import Dispatch") {
                Issue.record("\(line): use the standard library, or VarveFiles for the operating system")
            }
        }
    }

    @Test func nothingTraps() throws {
        let rules = [
            ("try!", "let it throw"), (" as!", "use as? and say what was found"),
            ("fatalError(", "throw, or precondition with a reason"),
            ("unowned(unsafe)", "hold it strongly"),
        ]
        for file in try Self.swiftFiles("Sources") {
            for line in file.lines {
                for (what, instead) in rules where line.code.contains(what) { Issue.record("\(line): \(instead)") }
            }
        }
    }

    @Test func nothingIsLeftOver() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
        for file in try Self.swiftFiles("Sources", "Tests", "Benchmarks") {
            for line in file.lines where marks.contains(where: { line.text.contains($0) }) {
                Issue.record("\(line): do it, or open an issue")
            }
        }
    }

    @Test func filesAreShort() throws {
        for file in try Self.swiftFiles("Sources", "Tests", "Benchmarks")
        where file.lines.count > 600 && !file.path.hasSuffix(".pb.swift") {
            Issue.record("\(file.path) has \(file.lines.count) lines: cut it by idea")
        }
    }

    /// Paths of somebody's machine mean nothing elsewhere.
    @Test func noMachinePaths() throws {
        let places = ["home", "work", "root", "Users"].map { "\"/\($0)/" }
        for file in try Self.swiftFiles("Sources", "Tests", "Benchmarks")
        where !file.path.hasSuffix("ArgumentsTests.swift") {
            for line in file.lines where places.contains(where: { line.text.contains($0) }) {
                Issue.record("\(line): take it from #filePath, the environment or an argument")
            }
        }
    }

    /// Arrows point down: each module knows only what is listed before it.
    @Test func modulesKnowOnlyWhatIsBelow() throws {
        let allowed: [(folder: String, modules: Set<String>)] = [
            ("Sources/VarveFormat", ["CZstd", "Synchronization"]),
            ("Sources/VarveFiles", ["VarveFormat", "CVarveClock", "Glibc", "Synchronization"]),
            (
                "Sources/Varve",
                ["VarveFormat", "VarveFiles", "VarveStatistics", "Glibc", "Logging", "Synchronization"]
            ),
            ("Sources/VarveYAML", ["Varve", "CYAML"]),
            (
                "Sources/VarveImport",
                ["Varve", "VarveFiles", "VarveYAML", "CSQLite", "SwiftProtobuf", "Synchronization"]
            ),
            (
                "Sources/VarveExport",
                ["Varve", "VarveFiles", "VarveImport", "CSQLite", "Glibc", "Synchronization"]
            ),
            ("Sources/VarveStatistics", ["Glibc"]),
            ("Sources/VarveCampaign", ["Varve", "VarveStatistics", "VarveYAML", "Glibc", "Synchronization"]),
            ("Sources/VarvePlot", ["Varve", "VarveStatistics", "Glibc"]),
            ("Sources/VarveSystem", ["Varve", "VarveFiles", "Glibc"]),
            ("Sources/VarveSwiftMetrics", ["Varve", "VarveFiles", "CoreMetrics", "Logging"]),
            ("Sources/VarveSwiftLog", ["Varve", "VarveFormat", "Logging"]),
            ("Sources/VarveServiceLifecycle", ["Varve", "ServiceLifecycle"]),
            (
                "Sources/VarveCLI",
                [
                    "Varve", "VarveImport", "VarveExport", "VarveCampaign", "VarvePlot", "VarveSystem",
                    "ArgumentParser", "Logging",
                    "Glibc",
                    "Synchronization",
                ]
            ),
        ]
        for (folder, modules) in allowed {
            for file in try Self.swiftFiles(folder) {
                for line in file.lines where line.text.contains("import ") {
                    let words = line.code.split(separator: " ")
                    guard let at = words.firstIndex(of: "import"), at + 1 < words.count,
                        words[..<at].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" })
                    else { continue }
                    if !modules.contains(String(words[at + 1])) {
                        Issue.record("\(line): \(folder) may import \(modules.sorted())")
                    }
                }
            }
        }
    }

    /// A file stands in a room: nothing lies about in a module's own folder but what names the module as a whole
    /// (in VarveImport: its doors).
    @Test func everyFileIsInItsRoom() throws {
        let outside: Set<String> = [
            "Exports.swift", "FormatConstants.swift", "FormatError.swift", "VarveProgram.swift",
        ]
        for file in try Self.swiftFiles(
            "Sources/VarveFormat", "Sources/Varve", "Sources/VarvePlot", "Sources/VarveCLI")
        {
            let parts = file.path.split(separator: "/")
            if parts.count == 3, !outside.contains(String(parts[2])) {
                Issue.record("\(file.path): which folder is it for?")
            }
        }
    }
}
