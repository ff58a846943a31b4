import ArgumentParser
import Varve

/// What is said, where, and with which exit code, when a verb doesn't come to its end.
struct ErrorReport: Hashable {
    var text = ""
    var isError = true
    var code: Int32

    init(_ error: any Error) {
        switch error {
        case is ReaderIsGone:
            code = 0
        case let error as VarveError:
            text = Self.text(error)
            code = error.code == .invalid ? 2 : 1
        case let error as Refusal:
            text = error.text
            code = error.code
        case let error as OutputFailed:
            text = "error: \(error)"
            code = 1
        default:
            text = VarveProgram.fullMessage(for: error)
            if text.hasPrefix("Error: ") { text = "error: " + text.dropFirst(7) }
            let status = VarveProgram.exitCode(for: error)
            isError = status != .success
            // The library's own code for wrong usage is 64.
            code = status == .validationFailure ? 2 : status.rawValue
        }
    }

    /// Says it, and returns the exit code.
    func tell() -> Int32 {
        guard !text.isEmpty else { return code }
        if isError {
            printError(text)
        } else {
            let output = OutputStream()
            try? output.line(text)
            try? output.flush()
        }
        return code
    }

    /// Everything that is known, a line each.
    private static func text(_ error: VarveError) -> String {
        var lines = ["error: \(error.message)"]
        if let file = error.file, !error.message.contains(file) { lines.append("  file      \(file)") }
        if let offset = error.offset { lines.append("  offset    \(offset)") }
        if let expected = error.expected { lines.append("  expected  \(expected)") }
        if let found = error.found { lines.append("  found     \(found)") }
        if let remedy = error.remedy { lines.append("  try       \(remedy)") }
        return lines.joined(separator: "\n")
    }
}

/// A verb ends early with these words and this exit code; without words, everything has been said.
struct Refusal: Error, Hashable {
    var text: String
    var code: Int32

    init(_ text: String = "", code: Int32 = 1) {
        self.text = text
        self.code = code
    }
}
