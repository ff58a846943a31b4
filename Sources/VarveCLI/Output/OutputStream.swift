import Glibc
import Synchronization

/// The reader of our output has gone, as in `varve series loss | head`: nothing is wrong, and nothing is left to do.
struct ReaderIsGone: Error {}

/// Standard output, buffered. Not for several threads at once.
final class OutputStream {
    let terminal: Terminal
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private let limit = 1 << 16

    init(descriptor: Int32 = 1, terminal: Terminal? = nil) {
        self.descriptor = descriptor
        self.terminal = terminal ?? Terminal(descriptor: descriptor)
        buffer.reserveCapacity(limit + 4096)
    }

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= limit { try flush() }
    }

    func line(_ text: String = "") throws {
        try write(text)
        try write("\n")
    }

    func append(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= limit { try flush() }
    }

    /// Gives the bytes to the caller, who appends: for what is written by the million.
    func append(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= limit { try flush() }
    }

    func flush() throws {
        var done = 0
        while done < buffer.count {
            let written = buffer[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                done += written
                continue
            }
            switch errno {
            case EINTR: continue
            case EPIPE: throw ReaderIsGone()
            default: throw OutputFailed(reason: String(cString: strerror(errno)))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Standard output can't be written, for instance because the disk that holds it is full.
struct OutputFailed: Error, CustomStringConvertible {
    var reason: String
    var description: String { "can't write the output: \(reason)" }
}

/// Writes lines to standard error, where nobody is hurt if it fails. Names in them don't reach the terminal as commands.
func printError(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { HumanText.harmless(String($0)) }
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
}

/// Tells on standard error what a person may want to know and a script doesn't, unless `--quiet` was said.
func printNote(_ text: String) {
    if !Wordiness.isQuiet { printError(text) }
}

/// Whether `--quiet` or `--verbose` was said: the program runs one verb, so that all of it may ask.
enum Wordiness {
    private static let quiet = Atomic<Bool>(false)
    private static let verbose = Atomic<Bool>(false)

    static var isQuiet: Bool {
        get { quiet.load(ordering: .relaxed) }
        set { quiet.store(newValue, ordering: .relaxed) }
    }

    static var isVerbose: Bool {
        get { verbose.load(ordering: .relaxed) }
        set { verbose.store(newValue, ordering: .relaxed) }
    }
}
