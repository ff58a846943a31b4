import Glibc
import Synchronization
import VarveFiles

/// A process that a test starts, and kills.
package final class ChildProcess {
    private let pid: pid_t
    private var isReaped = false

    /// Starts a program that was built beside the tests.
    ///
    /// - Parameters:
    ///   - input: what it has for standard input; nil: the tests' own.
    ///   - output: likewise for standard output.
    package init(_ name: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil) throws {
        let directory = Paths.parent(CommandLine.arguments[0])
        let path = Paths.join(directory, name)
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        argv.append(nil)
        defer { for argument in argv { free(argument) } }
        var child = pid_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        let code = posix_spawn(&child, path, &actions, nil, argv, environ)
        guard code == 0 else { throw Unmet(description: "can't start \(path): error \(code)") }
        pid = child
    }

    /// SIGKILL.
    package func kill() { Glibc.kill(pid, SIGKILL) }
    /// SIGSTOP.
    package func stop() { Glibc.kill(pid, SIGSTOP) }
    /// SIGCONT.
    package func goOn() { Glibc.kill(pid, SIGCONT) }

    /// Waits for its end; its exit code, or nil if a signal ended it.
    @discardableResult
    package func wait() -> Int32? {
        guard !isReaped else { return nil }
        isReaped = true
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    deinit {
        kill()
        wait()
    }
}

/// Counters that another process moves: a page of a file that both map.
package final class SharedCounters {
    package let path: String
    private let base: UnsafeMutableRawPointer

    package init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, 4096) == 0,
            let mapped = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), mapped != MAP_FAILED
        else { throw Unmet(description: "can't map \(path)") }
        close(descriptor)
        base = mapped
    }

    deinit { munmap(base, 4096) }

    /// The counter with this number; each has a cache line of its own.
    package subscript(index: Int) -> Int {
        (base + 64 * index).assumingMemoryBound(to: Atomic<Int>.self).pointee.load(ordering: .acquiring)
    }

    /// All of them to zero.
    package func reset() { memset(base, 0, 4096) }
}
