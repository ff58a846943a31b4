/// What `/proc/<pid>/stat` says of a process, as far as it matters here.
struct ProcessStatus: Hashable {
    /// Field 3: a letter.
    var state: UInt8
    /// Field 20.
    var threads: UInt64
    /// Field 22: clock ticks since boot.
    var started: UInt64

    /// Parses the line; nil if it isn't one. The command's name (field 2) may hold spaces and parentheses: the last one counts.
    init?(_ line: [UInt8]) {
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        guard fields.count > 19, let state = fields[0].first,
            let threads = UInt64(String(decoding: fields[17], as: UTF8.self)),
            let started = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.state = state
        self.threads = threads
        self.started = started
    }

    /// Whether any thread may still run. A zombie has written what it ever will; but a process whose first thread has
    /// ended before the others shows that thread's state.
    var isRunning: Bool {
        let isDead = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") || state == UInt8(ascii: "x")
        return !isDead || threads > 1
    }

    enum Answer {
        case found(ProcessStatus)
        case absent
        case unreadable
    }

    static func read(_ path: String) -> Answer {
        do throws(FileError) {
            let line = try RealFileSystem().readAll(path, cap: 65_536)
            return ProcessStatus(line).map { .found($0) } ?? .unreadable
        } catch {
            // ESRCH: it went while its file was open.
            return error.code == .notFound || error.code == .noSuchProcess ? .absent : .unreadable
        }
    }
}
