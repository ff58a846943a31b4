import Glibc
import Testing
import Varve
import VarveTestSupport

/// Another program's own reader, called through a script in `Readers` with the Python that `VARVE_TEST_PYTHON` names
/// (`Scripts/test-python` makes one).
enum ForeignReader {
    static let interpreter: String? = getenv("VARVE_TEST_PYTHON").map { String(cString: $0) }

    /// Whether there is a Python here that can import a module.
    static func has(_ module: String) -> Bool {
        guard let interpreter else { return false }
        return (try? output([interpreter, "-c", "import \(module)"]))?.status == 0
    }

    static func skipMessage(_ module: String) -> Comment {
        "no Python that can import \(module): set VARVE_TEST_PYTHON to what Scripts/test-python prints"
    }

    /// The lines that a script prints, each written anew, so that spaces and escapes don't matter.
    static func lines(_ script: String, _ arguments: String...) throws -> [String] {
        let python = try #require(interpreter)
        let path = "\(PackagePaths.root)/Tests/VarveExportTests/Readers/\(script).py"
        let (status, text) = try output([python, "-B", path] + arguments)
        try #require(status == 0, "\(script) \(arguments): status \(status)")
        return try text.split(separator: "\n").map { try JSONValue(parsing: String($0)).text }
    }

    private static func output(_ words: [String]) throws -> (status: Int32, text: String) {
        let command = words.map {
            "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        let pipe = try #require(popen(command.joined(separator: " "), "r"))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        let status = pclose(pipe)
        let text = String(decoding: bytes, as: UTF8.self)
        return (status, text)
    }
}

/// Compares rows, and shows the first that differ.
func expectSame(
    _ found: some Collection<String>, _ expected: [String], _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let found = Array(found)
    #expect(found.count == expected.count, "\(comment)", sourceLocation: sourceLocation)
    for (number, (a, b)) in zip(found, expected).enumerated() where !a.utf8.elementsEqual(b.utf8) {
        Issue.record("\(comment), row \(number): \(a) instead of \(b)", sourceLocation: sourceLocation)
        return
    }
}
