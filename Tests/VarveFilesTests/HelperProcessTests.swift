import Testing

@testable import VarveFiles

/// Shows that a helper is asked and answers over one socket, and that whatever becomes of it is told and does no harm here.
@Suite struct HelperProcessTests {
    private func answer(_ helper: HelperProcess, _ count: Int = 100) throws -> String {
        var buffer = [UInt8](repeating: 0, count: count)
        let read = try buffer.withUnsafeMutableBytes { try helper.read(into: $0) }
        return String(decoding: buffer[..<read], as: UTF8.self)
    }

    @Test func asksAndAnswers() throws {
        let helper = try HelperProcess(["/bin/cat"])
        for text in ["hello", "again"] {
            try helper.send(Array(text.utf8))
            #expect(try answer(helper) == text)
        }
    }

    @Test func tellsHowItEnded() throws {
        let failing = try HelperProcess(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(try answer(failing) == "out\n")
        #expect(try answer(failing) == "")
        #expect(failing.wait() == .status(3) && failing.wait() == .status(3))
        let killed = try HelperProcess(["/bin/sh", "-c", "kill -9 $$"])
        #expect(try answer(killed) == "" && killed.wait() == .signal(9))
        #expect("\(killed.wait())" == "signal 9")
    }

    /// Asking the dead is an error, not the end of this process.
    @Test func survivesTheDead() throws {
        let helper = try HelperProcess(["/bin/true"])
        _ = helper.wait()
        #expect(throws: FileError.self) {
            for _ in 0..<100 { try helper.send([UInt8](repeating: 1, count: 100_000)) }
        }
        #expect(try answer(helper) == "")
    }

    @Test func namesWhatCannotBeStarted() throws {
        #expect(throws: FileError("start", "/no/such/program", .notFound)) { try HelperProcess(["/no/such/program"]) }
        #expect(throws: FileError.self) { try HelperProcess([]) }
        #expect(throws: FileError.self) { try HelperProcess(["/bin/sh", "-c", "a\0b"]) }
    }

    /// One that says nothing for long is given up.
    @Test func waitsOnlySoLong() throws {
        let helper = try HelperProcess(["/bin/cat"], silenceSeconds: 1)
        #expect(throws: FileError("read from", "/bin/cat", .timedOut)) { try answer(helper) }
    }
}
