import Testing
import Varve

@testable import VarveCLI

/// What is kept of a command's output: lines, whatever the pieces are in which they come, and a bounded amount of them.
struct LineCaptureTests {
    private func lines(_ pieces: [String], most: Int = 1 << 20) -> [String] {
        var capture = LineCapture(channel: "stdout", mostBytes: most)
        for (i, piece) in pieces.enumerated() { capture.take(Array(piece.utf8)[...], now: Int64(i)) }
        capture.end(now: 99)
        return capture.due().map(\.text)
    }

    @Test func linesAreWholeHoweverTheyCome() {
        let text = "first\nsecond line\n\n  indented\r\nbar 1%\rbar 50%\rbar 100%\ncaf\u{E9} \u{1F600}\nlast"
        let expected = ["first", "second line", "", "  indented", "bar 100%", "caf\u{E9} \u{1F600}", "last"]
        #expect(lines([text]) == expected)
        #expect(lines(text.unicodeScalars.map { String($0) }) == expected)
        var capture = LineCapture(channel: "stderr", mostBytes: 1000)
        for byte in text.utf8 { capture.take([byte], now: 5) }
        capture.end(now: 6)
        let found = capture.due()
        #expect(found.map(\.text) == expected && found.allSatisfy { $0.channel == "stderr" })
        #expect(found.first?.time == 5 && found.last?.time == 6 && capture.due().isEmpty)
        #expect(lines([]).isEmpty && lines(["\n"]) == [""] && lines(["\r\r\n"]) == [""])
    }

    @Test func junkIsReplacedAndNothingIsLost() {
        var capture = LineCapture(channel: "stdout", mostBytes: 1 << 20)
        capture.take([0xFF, 0x00, 0x41, 0x0A, 0xC3], now: 1)
        capture.take([0xA9, 0x0A], now: 2)
        #expect(capture.due().map(\.text) == ["\u{FFFD}\0A", "\u{E9}"])
    }

    @Test func longLinesAreCutBetweenCharacters() {
        let long = String(repeating: "\u{20AC}", count: 100_000)
        for pieces in [[long], [long + "\n"], long.unicodeScalars.map { String($0) }] {
            let parts = lines(pieces)
            #expect(parts.count == 5 && parts.joined() == long)
            #expect(parts.allSatisfy { $0.utf8.count <= LineCapture.mostLineBytes })
        }
        // A bar that is redrawn ten thousand times takes no more room than once.
        let bar = (0...10_000).map { "\r\($0) of 10000 \(String(repeating: "#", count: 50))" }
        #expect(lines(bar) == [String(bar[10_000].dropFirst())])
    }

    @Test func whatIsTooMuchIsCounted() {
        var capture = LineCapture(channel: "stdout", mostBytes: 10)
        capture.take(Array("12345\n789\n12\n".utf8)[...], now: 1)
        #expect(capture.droppedBytes == 3)
        for _ in 0..<1000 { capture.take([UInt8](repeating: 0x41, count: 1000)[...], now: 2) }
        capture.end(now: 3)
        #expect(capture.droppedBytes == 1_000_003)
        #expect(capture.due().map(\.text) == ["12345", "789", "… and 1000003 bytes more, which are not kept"])
    }

    @Test func unfinishedBarsAreKeptOnceAWhile() {
        var capture = LineCapture(channel: "stderr", mostBytes: 1 << 20)
        let second: Int64 = 1_000_000_000
        for i in 0..<100 {
            capture.take(Array("\r\(i) s".utf8)[...], now: Int64(i) * second)
            capture.tick(now: Int64(i) * second)
        }
        capture.end(now: 100 * second)
        #expect(capture.due().map(\.text) == ["31 s", "62 s", "93 s", "99 s"])
        // A prompt isn't a bar: it waits for its end.
        capture.take(Array("name? ".utf8)[...], now: 100 * second)
        capture.tick(now: 900 * second)
        #expect(capture.due().isEmpty)
    }
}
