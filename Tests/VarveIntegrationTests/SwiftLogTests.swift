import Logging
import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveSwiftLog

/// What is told through swift-log is text of the run.
struct SwiftLogTests {
    private static func texts(
        channel: String = "log", label: String = "trainer", level: Logger.Level = .info,
        provider: Logger.MetadataProvider? = nil, _ body: (inout Logger) throws -> Void
    ) throws -> [String] {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            var logger = Logger(label: label) { label in
                var handler = RunLogHandler(label: label, run: run, channel: channel)
                handler.logLevel = level
                handler.metadataProvider = provider
                return handler
            }
            try body(&logger)
            // Each is there when the call returns.
            let lines = try repository.snapshot().text(of: run.id)
            #expect(lines.allSatisfy { $0.channel == channel })
            try run.finish()
            return lines.map(\.text)
        }
    }

    private struct Boom: Error {}

    @Test func messagesHaveLevelLabelAndMetadata() throws {
        let texts = try Self.texts { logger in
            logger.info("begins")
            logger[metadataKey: "host"] = "a b"
            logger.warning("slow", metadata: ["seconds": "2.5", "empty": "", "said": "\"no\""])
            logger.debug("not asked for")
            logger.error("two\nlines", metadata: ["host": "c"])
        }
        #expect(
            texts == [
                "info trainer: begins",
                #"warning trainer: slow empty="" host="a b" said="\"no\"" seconds=2.5"#,
                "error trainer: two\nlines host=c",
            ])
    }

    @Test func levelsAndProvidersCount() throws {
        let provider = Logger.MetadataProvider { ["request": "7"] }
        let texts = try Self.texts(channel: "service", level: .trace, provider: provider) { $0.trace("deep") }
        #expect(texts == ["trace trainer: deep request=7"])
    }

    @Test func aLoggerIsAValue() throws {
        let texts = try Self.texts { logger in
            var copy = logger
            copy[metadataKey: "a"] = "1"
            copy.logLevel = .error
            logger.info("x")
            copy.error("y")
        }
        #expect(texts == ["info trainer: x", "error trainer: y a=1"])
    }

    /// More than a text may have is cut off; a run that is over, and Varve's own messages, don't come back to it.
    @Test func whatCannotBeStoredGoesElsewhere() throws {
        let texts = try Self.texts { $0.info("\(String(repeating: "é", count: 1 << 20))") }
        #expect(texts.map(\.utf8.count) == [1 << 20])
        #expect(try Self.texts(label: "varve.metrics") { $0.warning("own") } == [])
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            try run.finish()
            Logger(label: "late") { RunLogHandler(label: $0, run: run) }.info("after the end")
            #expect(try repository.snapshot().text(of: run.id).isEmpty)
        }
    }
}
