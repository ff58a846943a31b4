import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves the guarantees of ``Publication`` by a crash before each of its calls, with every kind of tearing, followed by
/// a look at what the next process finds after a kill and after many power failures.
@Suite struct PublishingCrashTests {
    private static let content = (0..<9_000).map { UInt8(truncatingIfNeeded: $0 % 251) }

    private func publish(_ files: SimulatedFileSystem) throws -> Bool {
        try files.publish("/r/final", from: "/r/.final.1", bytes: Self.content)
    }

    private func fresh(_ seed: UInt64) throws -> SimulatedFileSystem {
        let files = SimulatedFileSystem(seed: seed)
        try files.makeDirectory("/r")
        try files.syncDirectory("/")
        return files
    }

    @Test func atEveryCall() throws {
        let whole = try fresh(0)
        let before = whole.callCount
        #expect(try publish(whole))
        let last = whole.callCount
        #expect(last - before == 6)
        for number in before + 1...last + 1 {
            withSeeds(0..<40) { seed, _ in
                let files = try fresh(seed)
                files.kill(atCall: number, tearing: .byte)
                let wasPublished = (try? publish(files)) == true
                try require(wasPublished == (number == last + 1), "committed at call \(number)")
                for after in [files.afterKill(), files.afterPowerLoss(seed: seed)] {
                    let found = after.content("/r/final")
                    try require(found == nil || found == Self.content, "a part is published at call \(number)")
                    try require(found != nil || !wasPublished, "what was published is gone")
                    let others = after.paths().filter { $0 != "/r" && $0 != "/r/final" && $0 != "/r/.final.1" }
                    try require(others.isEmpty, "\(others)")
                }
            }
        }
    }

    /// The loser may rely on the winner's file at once, although the winner died before it synced its directory.
    @Test func theLoserMakesTheNameDurable() throws {
        withSeeds(0..<60) { seed, _ in
            let files = try fresh(seed)
            files.kill { $0.kind == .unlink }
            try require((try? publish(files)) == nil, "the winner was to die")
            let next = files.afterKill()
            try require(try next.publish("/r/final", from: "/r/.final.2", bytes: [1]) == false, "published twice")
            let after = next.afterPowerLoss(seed: seed)
            try require(after.content("/r/final") == Self.content, "the name is gone")
        }
    }

    @Test func aCallThatFailsLeavesNothingBehind() throws {
        for number in 3...8 {
            let files = try fresh(1)
            files.failCall(number, .noSpace)
            let isPublished = try? publish(files)
            let kind = files.calls[number - 1].kind
            // Once linked the content is there; of what comes then only the directory's sync may be missed.
            let isLinked = kind == .unlink || kind == .syncDirectory
            #expect(isPublished == (kind == .unlink ? true : nil), "\(kind)")
            #expect(files.content("/r/final") == (isLinked ? Self.content : nil), "\(kind)")
            #expect((files.content("/r/.final.1") == nil) == (kind != .unlink), "\(kind)")
        }
    }

    /// The answer to a link is lost, as on NFS: the name is ours, and the repetition said that it exists.
    @Test func aLinkThatSucceededUnheard() throws {
        let files = try fresh(1)
        let publication = try Publication(files, "/r/final", from: "/r/.final.1")
        try publication.file.write(Self.content, at: 0)
        try files.link("/r/.final.1", "/r/final")
        #expect(try publication.commit())
        #expect(files.paths() == ["/r", "/r/final"])
    }
}
