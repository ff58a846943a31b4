import Foundation
import Glibc
import Testing
import Varve
import VarvePlot

@testable import VarveCLI

/// Shows that `varve top` shows what runs, does what keys ask for, and gives the terminal back whatever ends it: on a
/// pseudo-terminal, beside a run that really is being logged.
struct TopTests {
    private static let leaving = "\u{1B}[?1049l"

    /// A repository with a run that is running, and a terminal on which top shows it.
    private func watching(_ body: (PseudoTerminal, pid_t) throws -> Void) throws {
        let shell = try Shell()
        let fifo = shell.directory + "/points"
        try #require(mkfifo(fifo, 0o600) == 0)
        let logger = Process()
        logger.executableURL = URL(fileURLWithPath: Shell.program)
        logger.arguments = ["--repo", shell.directory + "/r", "log", "--run", "live"]
        // Both ends are held, so that neither opening waits for the other.
        let points = try Self.handle(fifo)
        logger.standardInput = points
        logger.standardOutput = FileHandle.nullDevice
        try logger.run()
        defer {
            logger.terminate()
            logger.waitUntilExit()
        }
        try points.write(contentsOf: Data("{\"step\": 41, \"loss\": 0.123}\n".utf8))
        try shell.succeed("until varve --repo r runs 2>/dev/null | grep -q live; do sleep 0.05; done")

        let terminal = try PseudoTerminal(columns: 80, rows: 12)
        let before = terminal.settings
        let top = try terminal.spawn(
            Shell.program, ["--repo", shell.directory + "/r", "top", "--interval", "0.1"],
            environment: ["TERM": "xterm", "PATH": "/usr/bin:/bin"])
        defer { kill(top, SIGKILL) }
        try #require(terminal.wait { $0.contains("live") && $0.contains("0.123") }, "\(terminal.output)")
        #expect(!terminal.echoes)
        try points.write(contentsOf: Data("{\"step\": 42, \"loss\": 0.456}\n".utf8))
        try #require(terminal.wait { $0.contains("0.456") }, "a new point")
        try body(terminal, top)
        #expect(terminal.wait { $0.hasSuffix(Self.leaving + "\u{1B}[?25h\u{1B}[0m") && terminal.settings == before })
        #expect(terminal.output.count { $0 == 0x1B } > 0)
    }

    private static func handle(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private func end(of child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

    @Test func quits() throws {
        try watching { terminal, top in
            terminal.clear()
            terminal.type("/nobody\r")
            #expect(terminal.wait { $0.contains("no run matches") })
            terminal.type("/")
            for _ in 0..<6 { terminal.type("\u{7F}") }
            terminal.type("\r")
            terminal.clear()
            #expect(terminal.wait { $0.contains("live") })
            terminal.type("?")
            #expect(terminal.wait { $0.contains("any key goes back") })
            terminal.type("x")
            terminal.type("q")
            #expect(end(of: top) == 0)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGSEGV]) func isEndedByASignal(_ number: Int32) throws {
        try watching { _, top in
            kill(top, number)
            #expect(end(of: top) & 0x7F == number)
        }
    }

    /// Nothing runs in the process any more: its guard gives the terminal back.
    @Test func isKilled() throws {
        try watching { _, top in
            kill(top, SIGKILL)
            #expect(end(of: top) & 0x7F == SIGKILL)
        }
    }

    @Test func controlCIsASignal() throws {
        try watching { terminal, top in
            terminal.type("\u{3}")
            #expect(end(of: top) & 0x7F == SIGINT)
        }
    }

    /// Stopped, the terminal is the shell's; continued, top takes it again.
    @Test func stopsAndGoesOn() throws {
        try watching { terminal, top in
            terminal.clear()
            kill(top, SIGTSTP)
            // A session without a shell can't be stopped by keys, and SIGTSTP is ignored in an orphaned group; SIGSTOP
            // isn't.
            #expect(terminal.wait { $0.contains(Self.leaving) && terminal.echoes })
            kill(top, SIGSTOP)
            terminal.clear()
            kill(top, SIGCONT)
            #expect(terminal.wait { $0.contains("\u{1B}[?1049h") && $0.contains("live") && !terminal.echoes })
            terminal.type("q")
            #expect(end(of: top) == 0)
        }
    }

    @Test func printsOnceInAPipe() throws {
        let shell = try Shell()
        try shell.succeed("varve log --run a", input: "{\"loss\": 1}\n")
        let lines = try shell.succeed("varve top").lines
        #expect(lines.first == ".varve  1 finished" && lines.last?.hasPrefix("no run is running") == true, "\(lines)")
        let bad = try shell.run("varve top --where 'params.lr >'")
        #expect(bad.code == 2 && bad.output == "")
    }
}
